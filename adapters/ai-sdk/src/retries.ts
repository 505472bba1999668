import type { Options } from './hint-from.ts'

/** The SDK's classes of errors, as far as they are used here. */
export interface ErrorClasses {
  readonly RetryError: new (options: {
    message: string
    reason: 'maxRetriesExceeded'
    errors: unknown[]
  }) => Error
}

/** The options with one try, and what then becomes of an error: the class that the SDK would have thrown at the end. */
export function triedOnce<O extends Options>(
  options: O,
  { RetryError }: ErrorClasses,
): { readonly options: O; readonly asThrown: (error: unknown) => unknown } {
  const { maxRetries } = options
  const retries =
    maxRetries === undefined || (Number.isInteger(maxRetries) && Number(maxRetries) > 0)
  if (!retries) return { options, asThrown: (error) => error }
  return {
    options: { ...options, maxRetries: 0 },
    asThrown: (error) =>
      error instanceof Error && (error as { isRetryable?: unknown }).isRetryable === true
        ? new RetryError({
            message: `Failed after 1 attempts. Last error: ${error.message}`,
            reason: 'maxRetriesExceeded',
            errors: [error],
          })
        : error,
  }
}
