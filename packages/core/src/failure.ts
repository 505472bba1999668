/** Facts of an upstream failure, as the provider told them. What to do about it is the reliability policies' decision. */
export interface Failure {
  /** HTTP status, also for failures inside a 200 where the provider names one. */
  readonly status?: number
  /** The provider's own word for it: `insufficient_quota`, `overloaded_error`, `RESOURCE_EXHAUSTED` … */
  readonly code?: string
  /** The provider's error type, where that is another word than the code. */
  readonly type?: string
  /** At most 512 characters of what the provider said, without markup. */
  readonly message: string
  /** How long the provider asks to wait, from headers or body. */
  readonly retryAfterMs?: number
  /** The provider's advice (`x-should-retry`). */
  readonly shouldRetry?: boolean
}
