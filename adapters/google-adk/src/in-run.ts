import { AsyncLocalStorage } from 'node:async_hooks'

/** Opens a run around work, and returns what the work returns. */
export type OpenRun = (work: () => Promise<void>) => Promise<void>

type Inside = <T>(work: () => T) => T
type Events = AsyncGenerator<unknown, unknown>

/**
 * The same events, made inside of a run that is over when they are.
 *
 * A plain async generator works in the context of whoever asks for its next event. This one stays in the context it was
 * made in, wherever it is read.
 */
export function inRun(events: Events, open: OpenRun): Events {
  const outside: Inside = AsyncLocalStorage.snapshot()
  const over = Promise.withResolvers<void>()
  let inside: Inside | undefined

  function begin(): Inside {
    let begun!: Inside
    const whole = outside(() =>
      open(() => {
        begun = AsyncLocalStorage.snapshot()
        return over.promise
      }),
    )
    whole.catch(() => {
      // Whoever reads the events is told.
    })
    return begun
  }

  function step(take: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> {
    const result = (inside ??= begin())(take)
    result.then(({ done }) => {
      if (done === true) over.resolve()
    }, over.reject)
    return result
  }

  return {
    next: (value) => step(() => events.next(value)),
    // Events that nobody has asked for are no run.
    return: (value) =>
      inside === undefined ? events.return(value) : step(() => events.return(value)),
    throw: (error) => step(() => events.throw(error)),
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined)
    },
  }
}
