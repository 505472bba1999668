import type { Verdict } from '../call-context.ts'

export interface DelayOptions {
  readonly baseDelayMs: number
  readonly overloadedBaseDelayMs: number
  readonly maxBackoffMs: number
  /** Number from 0 up to 1. */
  readonly random: () => number
}

/**
 * How long to wait before the next request, counted from the moment the failure was known. A wait that the provider
 * asks for is only ever lengthened; otherwise full jitter below an exponential ceiling.
 */
export function delayMs({ fault, failure }: Verdict, retry: number, options: DelayOptions): number {
  const { baseDelayMs, overloadedBaseDelayMs, maxBackoffMs, random } = options
  const { retryAfterMs } = failure
  if (retryAfterMs !== undefined) {
    return retryAfterMs + random() * Math.min(retryAfterMs / 10, baseDelayMs)
  }
  if (fault.delay === 'none') return 0
  const backoffMs = random() * Math.min(maxBackoffMs, baseDelayMs * 2 ** (retry - 1))
  // An overloaded provider gets its second of rest whatever the dice say.
  return fault.delay === 'slow-backoff' ? overloadedBaseDelayMs + backoffMs : backoffMs
}
