import type { AdapterHost, RunHint } from 'holdfast'
import { runAgent } from './generation.ts'

interface Agent {
  readonly name?: unknown
}

type Method = (this: Agent, ...args: unknown[]) => Promise<unknown>

/** What an agent does is a run of its own; the generations that it makes of it are part of it. */
export function patchVoltAgent(
  exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
): void {
  const { Agent } = exports
  if (typeof Agent !== 'function') {
    throw new TypeError('the module exports no class Agent; this version is not known to Holdfast')
  }
  const prototype = Agent.prototype as object
  const optionsAt = { generateText: 1, streamText: 1, generateObject: 2, streamObject: 2 }
  for (const [method, at] of Object.entries(optionsAt)) {
    host.patch<Method>(
      prototype,
      method,
      (original) =>
        function run(...args) {
          return runAgent(host, hintFrom(this, args[at]), () => original.apply(this, args))
        },
    )
  }
  // It tries a model four times by itself; its first versions leave that to the AI SDK.
  if (!('resolveCallMaxRetries' in prototype)) return
  host.patch<(this: Agent, ...args: unknown[]) => unknown>(
    prototype,
    'resolveCallMaxRetries',
    (original) =>
      function resolveCallMaxRetries(...args) {
        return host.reliability ? 0 : original.apply(this, args)
      },
  )
}

interface Options {
  readonly userId?: unknown
  readonly conversationId?: unknown
  readonly memory?: { readonly userId?: unknown; readonly conversationId?: unknown }
}

function hintFrom({ name }: Agent, given: unknown): RunHint {
  const options = (given ?? {}) as Options
  return {
    session: options.memory?.conversationId || options.conversationId,
    user: options.memory?.userId || options.userId,
    agent: name,
  }
}
