import type { RunHint } from 'holdfast'

interface TraceContext {
  readonly trace?: { readonly traceId?: unknown; readonly groupId?: unknown }
}

const contexts = Symbol.for('openai.agents.core.asyncLocalStorage')

/** The trace that the code running now belongs to: for calls of a run that nobody opened. */
export function identify(): RunHint | undefined {
  const global = globalThis as { [contexts]?: { getStore(): TraceContext | undefined } }
  const trace = global[contexts]?.getStore()?.trace
  const id = trace?.traceId
  // With tracing switched off, every trace has the id no-op.
  if (typeof id !== 'string' || id === 'no-op') return undefined
  return { key: `openai-agents ${id}`, session: trace?.groupId }
}
