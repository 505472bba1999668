import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * The same steps, taken in the context of whoever made them: a plain async generator works in the context of whoever
 * asks for its next step.
 */
export function inContext<T>(steps: AsyncGenerator<T, unknown>): AsyncGenerator<T, unknown> {
  const inside = AsyncLocalStorage.snapshot()
  return {
    next: (value) => inside(() => steps.next(value)),
    return: (value) => inside(() => steps.return(value)),
    throw: (error) => inside(() => steps.throw(error)),
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined)
    },
  }
}
