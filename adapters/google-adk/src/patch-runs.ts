import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'

interface Named {
  readonly name?: unknown
}

interface Runner {
  readonly agent?: Named
}

/** What a runner is asked: whose session it goes on with. */
interface Asked {
  readonly userId?: unknown
  readonly sessionId?: unknown
}

/** What an agent is asked by whoever hands over to it. */
interface InvocationContext {
  readonly session?: { readonly id?: unknown; readonly userId?: unknown }
}

type Events = AsyncGenerator<unknown, unknown>
type RunnerMethod = (this: Runner, asked: Asked) => Events
type AgentMethod = (this: Named, context: InvocationContext) => Events

/**
 * Each time a runner is asked, that is a run of its agent. Another agent that the work is handed to, as a sub-agent, by
 * transfer or in a workflow, works in a run of its own inside of it.
 */
export function patchRuns(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  /** The agent whose run it is. */
  const running = new AsyncLocalStorage<Named | undefined>()

  function runOf(agent: Named | undefined, events: Events, asked: Asked): Events {
    const hint = { session: asked.sessionId, user: asked.userId, agent: agent?.name }
    return running.run(agent, () => host.runSteps(hint, events))
  }

  const runner = host.prototypeOf(exports, 'Runner')
  const agents = host.prototypeOf(exports, 'BaseAgent')
  for (const method of ['runAsync', 'runLive']) {
    if (method === 'runLive' && !(method in runner && method in agents)) continue
    host.patch<RunnerMethod>(
      runner,
      method,
      (original) =>
        function run(asked) {
          return runOf(this.agent, original.call(this, asked), asked)
        },
    )
    host.patch<AgentMethod>(
      agents,
      method,
      (original) =>
        function run(context) {
          const events = original.call(this, context)
          if (running.getStore() === this) return events
          const { id, userId } = context.session ?? {}
          return runOf(this, events, { sessionId: id, userId })
        },
    )
  }
}
