import type { Interceptor } from '@holdfast/core'
import { attemptStep } from '../attempt.ts'
import { interceptorOf, noLimits } from '../call-context.ts'
import type { Step } from '../call-context.ts'
import { TimedAttempt } from './timed-attempt.ts'

/** How long each part of a call may take. `Infinity` switches one off. */
export interface TimeoutOptions {
  /** Opening a connection, where the transport tells of it. @default 10_000 */
  readonly connectMs?: number
  /** From the start of an attempt to the answer's headers. @default 60_000 streamed, 120_000 whole */
  readonly headersMs?: number
  /** From the headers of a streamed answer to its first content. @default 60_000 */
  readonly firstContentMs?: number
  /**
   * Waiting for the next content of a stream, or for a whole body after its headers. Keep-alive bytes do not count.
   * Never longer than the timeout that the caller announced. @default 120_000
   */
  readonly betweenContentMs?: number
  /** The whole call: all attempts, waits between them, and the stream to its end. @default 600_000 */
  readonly totalMs?: number
  /** One attempt until its answer begins. @default Infinity */
  readonly attemptMs?: number
}

export const defaultTotalMs = 600_000

/**
 * Ends an attempt that takes too long, by content and not by keep-alive bytes.
 *
 * Sees: every frame. Time counts only while somebody waits for the next one: a slow reader is no stall.
 * Changes: the attempt gets a signal of its own, so that it can be ended without the caller's.
 * @throws HoldfastError CALL_TIMED_OUT before the first content and at the end of the whole call
 * @throws HoldfastError STREAM_STALLED after it
 */
export function timeout(options: TimeoutOptions = {}): Interceptor {
  const { totalMs = defaultTotalMs } = options
  return interceptorOf('timeout', [attemptStep({ silent: true }), timeoutStep(options)], {
    ...noLimits,
    totalMs,
  })
}

/** The timeouts as a layer of the family. */
export function timeoutStep({
  connectMs = 10_000,
  headersMs,
  firstContentMs = 60_000,
  betweenContentMs = 120_000,
  attemptMs = Infinity,
}: TimeoutOptions = {}): Step {
  return function timeout(call, next, context) {
    const announcedMs = (call.deadlineAt ?? Infinity) - context.startedAtMs
    const attempt = new TimedAttempt(call, context, {
      connectMs,
      headersMs: headersMs ?? (call.streaming ? 60_000 : 120_000),
      firstContentMs,
      betweenContentMs: Math.min(betweenContentMs, announcedMs),
      attemptMs,
    })
    return attempt.run(next)
  }
}
