import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost, RunHint } from 'holdfast'

export type Steps = AsyncGenerator<unknown, unknown, unknown>

/** The same steps, each taken inside of one run, which is over when they are. */
export function stepsInRun(steps: Steps, host: AdapterHost, hint: RunHint): Steps {
  const over = Promise.withResolvers<unknown>()
  let inside: (<T>(work: () => T) => T) | undefined

  function step(take: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> {
    const taken = (inside ??= begin())(take)
    taken.then(({ done, value }) => {
      if (done === true) over.resolve(value)
    }, over.reject)
    return taken
  }

  function begin(): <T>(work: () => T) => T {
    let entered!: <T>(work: () => T) => T
    const whole = host.run(hint, () => {
      entered = AsyncLocalStorage.snapshot()
      return over.promise
    })
    whole.catch(() => {
      // Whoever reads the steps is told.
    })
    return entered
  }

  return {
    next: (value) => step(() => steps.next(value)),
    return: (value) => step(() => steps.return(value)),
    throw: (error) => step(() => steps.throw(error)),
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => {
      await step(() => steps.return(undefined))
    },
  }
}
