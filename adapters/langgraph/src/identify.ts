import type { RunHint } from 'holdfast'

/** What a LangGraph config says about who is running. */
export interface GraphConfig {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** Session and user of a run, from the configs that apply to it; a later one counts more. */
export function hintFrom(...configs: readonly (GraphConfig | undefined)[]): RunHint {
  const configurable: Record<string, unknown> = {}
  for (const config of configs) Object.assign(configurable, config?.configurable)
  return {
    session: configurable['thread_id'],
    user: configurable['user_id'] || configurable['langgraph_auth_user_id'],
  }
}

/** The same for the code running now, by the context that LangChain keeps: for calls of a run that nobody opened. */
export function identify(): RunHint | undefined {
  const hint = hintFrom(runningConfig())
  const { session } = hint
  if (typeof session !== 'string' || session === '') return undefined
  // One thread runs one graph at a time, so it tells runs apart where nothing else does.
  return { ...hint, key: `langgraph ${session}` }
}

/** What the node that runs now was given of the graph's state. */
export function currentInput(): unknown {
  const scratchpad = runningConfig()?.configurable?.['__pregel_scratchpad']
  return (scratchpad as { currentTaskInput?: unknown } | undefined)?.currentTaskInput
}

function runningConfig(): GraphConfig | undefined {
  const global = globalThis as { [tracing]?: { getStore(): unknown } }
  const store = global[tracing]?.getStore() as
    | { extra?: { [childConfig]?: GraphConfig } }
    | undefined
  return store?.extra?.[childConfig]
}

const tracing = Symbol.for('ls:tracing_async_local_storage')
const childConfig = Symbol.for('lc:child_config')
