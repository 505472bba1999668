import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost, RunHint } from './adapter.ts'

type Inside = <T>(work: () => T) => T
type Steps<T> = AsyncGenerator<T, unknown>
type Step<T> = () => Promise<IteratorResult<T, unknown>>

/** Runs that outlast the function that begins them. */
export function longRuns(run: AdapterHost['run']): Pick<AdapterHost, 'runUntil' | 'runSteps'> {
  function runUntil<T>(hint: RunHint, work: () => T, over: (result: T) => Promise<unknown>): T {
    let result!: T
    const whole = run(hint, () => {
      result = work()
      return over(result)
    })
    whole.catch(() => {
      // Whoever holds the result is told.
    })
    return result
  }

  function runSteps<T>(hint: RunHint | undefined, steps: Steps<T>): Steps<T> {
    const outside: Inside = AsyncLocalStorage.snapshot()
    if (hint === undefined) return stepsBy(steps, outside)
    const over = Promise.withResolvers<unknown>()
    let inside: Inside | undefined
    return stepsBy(steps, (step) => {
      inside ??= outside(() =>
        runUntil<Inside>(
          hint,
          () => AsyncLocalStorage.snapshot(),
          () => over.promise,
        ),
      )
      const taken = inside(step)
      taken.then(({ done, value }) => {
        if (done === true) over.resolve(value)
      }, over.reject)
      return taken
    })
  }

  return { runUntil, runSteps }
}

/** The same steps, each taken by `take`. */
function stepsBy<T>(steps: Steps<T>, take: (step: Step<T>) => ReturnType<Step<T>>): Steps<T> {
  let begun = false
  // Steps that nobody has asked for are no work.
  const end: typeof take = (step) => (begun ? take(step) : step())
  return {
    next(value) {
      begun = true
      return take(() => steps.next(value))
    },
    return: (value) => end(() => steps.return(value)),
    throw: (error) => end(() => steps.throw(error)),
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined)
    },
  }
}
