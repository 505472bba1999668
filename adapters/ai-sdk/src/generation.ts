import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost, RunHint } from 'holdfast'

/** The agent around a generation, where a framework on top of the AI SDK has opened its run. */
interface Agent {
  /** Settle when the generations that the agent started are over, streamed ones too. */
  readonly generations: Promise<unknown>[]
}

const agents = new AsyncLocalStorage<Agent | undefined>()

/** What is started inside is no part of the agent's own generation: a tool may generate by itself. */
export function outsideOfGeneration<T>(work: () => T): T {
  return agents.getStore() === undefined ? work() : agents.run(undefined, work)
}

/**
 * A run of an agent, whose generations are part of it. It is over when `work` and they are.
 */
export function runAgent(
  host: AdapterHost,
  hint: RunHint,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const agent: Agent = { generations: [] }
  return host.runUntil(
    hint,
    () => agents.run(agent, work),
    async (result) => {
      await result
      await Promise.all(agent.generations)
    },
  )
}

/** One generation: a run, or part of the run of the agent around it. `over` settles with it; `work` starts it. */
export function runGeneration<T>(
  host: AdapterHost,
  hint: RunHint,
  over: Promise<unknown>,
  work: () => T,
): T {
  const agent = agents.getStore()
  over.catch(() => {
    // Whoever holds the result is told.
  })
  if (agent !== undefined) {
    agent.generations.push(over)
    return work()
  }
  return host.runUntil(hint, work, () => over)
}
