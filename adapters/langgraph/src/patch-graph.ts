import type { AdapterHost, RunHint } from 'holdfast'
import { isBubble } from './bubble.ts'
import { hintFrom } from './identify.ts'
import type { GraphConfig } from './identify.ts'

interface Graph {
  readonly name?: string | undefined
  readonly config?: GraphConfig | undefined
}

type Steps = AsyncGenerator<unknown, unknown, unknown>
type StreamIterator = (this: Graph, input: unknown, options?: GraphConfig) => Steps

/**
 * Every execution of a graph is one iteration of `_streamIterator`: invoke, stream, streamEvents and batch all end there,
 * and it is the only place that knows when a streamed run is over.
 */
export function patchGraph(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<StreamIterator>(
    host.prototypeOf(exports, 'Pregel'),
    '_streamIterator',
    (original) =>
      function _streamIterator(input, options) {
        const steps = original.call(this, input, options)
        // A graph in a node of another graph is part of that one's run, unless it is an agent with a name.
        const isInside = options?.configurable?.['__pregel_read'] !== undefined
        if (isInside && (this.name === undefined || this.name === unnamed)) return steps
        return inRun(steps, host, {
          ...hintFrom(this.config, options),
          agent: this.name,
        })
      },
  )
}

/** What LangGraph calls a graph that nobody named. */
const unnamed = 'LangGraph'

/** The same steps, taken inside of a run that is over when they are. */
function inRun(steps: Steps, host: AdapterHost, hint: RunHint): Steps {
  const over = Promise.withResolvers<unknown>()
  let started = false

  function settle(step: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> {
    step.then(({ done, value }) => {
      if (done === true) over.resolve(value)
    }, giveUp)
    return step
  }

  /** An agent that waits for a person, or hands over to another one, leaves its graph by throwing. */
  function giveUp(error: unknown): void {
    if (isBubble(error)) over.resolve(undefined)
    else over.reject(error)
  }

  return {
    next(value) {
      if (started) return settle(steps.next(value))
      started = true
      // All work of the graph starts with the first step and stays in its context.
      return host.runUntil(
        hint,
        () => settle(steps.next(value)),
        () => over.promise,
      )
    },
    return: (value) => settle(steps.return(value)),
    throw: (error) => settle(steps.throw(error)),
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => {
      await settle(steps.return(undefined))
    },
  }
}
