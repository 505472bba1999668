import type { AdapterHost } from 'holdfast'
import { hintFrom } from './hint-from.ts'
import type { AgentOptions } from './hint-from.ts'
import { isOwner, runOwner } from './runs.ts'

interface Agent {
  readonly name?: unknown
  readonly id?: unknown
}

/** In all of them the options come second. */
type Method = (this: Agent, input: unknown, options?: AgentOptions) => Promise<unknown>

interface PreparedModel {
  readonly maxRetries?: unknown
}

type PrepareModels = (this: Agent, ...args: unknown[]) => Promise<PreparedModel[]>

const methods = [
  'generate',
  'stream',
  'resumeGenerate',
  'resumeStream',
  'generateLegacy',
  'streamLegacy',
]

/** Each execution of an agent is a run, and so is each time it goes on with what it was suspended for. */
export function patchAgent(agent: object, host: AdapterHost): void {
  for (const method of methods) {
    host.patch<Method>(
      agent,
      method,
      (original) =>
        function run(input, options) {
          if (isOwner(this)) return original.call(this, input, options)
          return runOwner(host, hintFrom(this, options), this, () =>
            original.call(this, input, options),
          )
        },
    )
  }
  // While Holdfast retries, each model is asked once.
  host.patch<PrepareModels>(
    agent,
    'prepareModels',
    (original) =>
      async function prepareModels(...args) {
        const models = await original.apply(this, args)
        return host.reliability
          ? models.map((model) => ({ ...model, maxRetries: 0, maxRetriesConfigured: true }))
          : models
      },
  )
}
