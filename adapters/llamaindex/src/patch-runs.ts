import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'

interface AgentWorkflow {
  readonly rootAgentName?: unknown
}

/** What the application reads of a run. */
interface Events {
  pipeThrough(through: TransformStream): Events
}

interface StopEvent {
  onInit(listener: () => void): unknown
}

type RunStream = (this: AgentWorkflow, ...args: unknown[]) => Events
type Step = (this: object, ...args: unknown[]) => Promise<unknown>

/** How the run under way is ended. */
interface Ending {
  end(): void
  fail(error: unknown): void
}

const running = new AsyncLocalStorage<Ending>()

/**
 * Each `run()` or `runStream()` is a run, over with its last event.
 *
 * A step that fails leaves a rejection behind that nobody handles, which ends the process, and whoever reads the events
 * waits for ever. So the error goes to the reader, whom it belongs to.
 */
export function patchRuns(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<RunStream>(
    host.prototypeOf(exports, 'AgentWorkflow'),
    'runStream',
    (original) =>
      function runStream(...args) {
        const over = Promise.withResolvers<void>()
        let failed!: (error: unknown) => void
        const through = new TransformStream({
          start(controller) {
            failed = (error) => controller.error(error)
          },
        })
        const ending: Ending = {
          end: over.resolve,
          fail(error) {
            failed(error)
            over.reject(error)
          },
        }
        return host.runUntil(
          { agent: this.rootAgentName },
          () => running.run(ending, () => original.apply(this, args)).pipeThrough(through),
          () => over.promise,
        )
      },
  )
  const { stopAgentEvent } = exports as { readonly stopAgentEvent?: StopEvent }
  if (stopAgentEvent === undefined) throw new TypeError('the module exports no stopAgentEvent')
  // It is made where the last step is taken.
  stopAgentEvent.onInit(() => running.getStore()?.end())
  const agents = host.prototypeOf(exports, 'FunctionAgent')
  // The second came with version 1.1.22.
  for (const step of ['takeStep', 'getStructuredOutput'].filter((name) => name in agents)) {
    host.patch<Step>(
      agents,
      step,
      (original) =>
        async function takeStep(...args) {
          try {
            return await original.apply(this, args)
          } catch (error) {
            const run = running.getStore()
            if (run === undefined) throw error
            run.fail(error)
            // There is no next step.
            return new Promise(() => {})
          }
        },
    )
  }
}
