import type { Interceptor, LlmCall } from '@holdfast/core'
import { attemptStep } from '../attempt.ts'
import { interceptorOf, noLimits, tell } from '../call-context.ts'
import type { CallContext, Step } from '../call-context.ts'
import { isRefusal } from '../faults/faults.ts'
import { endingOf, handUp, outcomeOf } from '../ending.ts'
import type { Ending } from '../ending.ts'
import { FailedCalls } from './failed-calls.ts'
import type { FailedCall } from './failed-calls.ts'
import { recordReply, replyOf } from './recorded-reply.ts'
import type { ReplyRecord } from './recorded-reply.ts'

/** How re-sends by the layers above are recognised. */
export interface ResendGuardOptions {
  /**
   * For so long after a failure the same request of the same run counts as a re-send; doubles with each one,
   * as the waits of the layers above do. @default 10_000
   */
  readonly windowMs?: number
  /** Failed calls that are remembered. @default 1_000 */
  readonly maxRecords?: number
}

type Answer =
  | { readonly reply: ReplyRecord }
  | { readonly error: unknown; readonly aborted: boolean }

const maxRecordedBytes = 64 * 1024
const maxWindowMs = 5 * 60_000
/** So often a client that tells nothing is answered; then the same request is taken for a new call. */
const maxSilentAnswers = 10

/**
 * Makes sure that one layer alone retries: a call that failed here for good and is sent again from above is answered
 * with the recorded failure, without a request upstream.
 *
 * Sees: final failures. A call that started before a failure was recorded is never answered from it.
 * Changes: error answers that an SDK would send again get `x-should-retry: false`.
 */
export function resendGuard(options: ResendGuardOptions = {}): Interceptor {
  const steps = [resendGuardStep(options), attemptStep({ silent: true })]
  return interceptorOf('resendGuard', steps, noLimits)
}

/** The guard as a layer of the family: the outermost. */
export function resendGuardStep({
  windowMs = 10_000,
  maxRecords = 1_000,
}: ResendGuardOptions = {}): Step {
  const failedCalls = new FailedCalls<Answer>(maxRecords)

  return async function resendGuard(call, next, context) {
    const before = failedCalls.find(call)
    if (before !== undefined && isResendOf(before, call)) {
      if (isAnswered(before)) {
        seenAgain(before)
        tell(call, { type: 'resend-answered', resend: call.resend })
        if ('error' in before.answer) throw before.answer.error
        return replyOf(before.answer.reply)
      }
      // The same logical call.
      context.goOnFrom(before.used)
    }

    const ending = await endingOf(next(call))
    if ('reply' in ending && ending.reply.failure === undefined) {
      failedCalls.delete(call)
      return ending.reply
    }
    if (!isWorthRecording(call, context, ending)) return handUp(ending)
    if ('error' in ending) {
      const { error } = ending
      const aborted = call.signal.aborted
      failedCalls.add(call, failedCall({ error, aborted }, context, windowMs))
      throw error
    }
    const reply = await recordReply(ending.reply, maxRecordedBytes)
    if (!reply.whole) return replyOf(reply, ending.reply)
    failedCalls.add(call, failedCall({ reply }, context, windowMs))
    return replyOf(reply)
  }
}

function failedCall(
  answer: Answer,
  { used, deferred, verdict }: CallContext,
  windowMs: number,
): FailedCall<Answer> {
  const nowMs = performance.now()
  const retryAtMs = (verdict?.atMs ?? nowMs) + (verdict?.failure.retryAfterMs ?? 0)
  const expiresAtMs = Math.max(nowMs, retryAtMs) + windowMs
  return {
    answer,
    used,
    deferred,
    retryAtMs,
    windowMs,
    expiresAtMs,
    answers: 0,
  }
}

/** The layers that nobody above re-sends by themselves are left alone, so that the next call is a fresh one. */
function isWorthRecording(call: LlmCall, context: CallContext, ending: Ending): boolean {
  const verdict = context.verdict ?? context.judge(call, outcomeOf(ending))
  const { name, row } = verdict.fault
  if (isRefusal(verdict.fault) || name === 'refused-here') return false
  if ('error' in ending) return true
  // For the layers above a useless answer is an answer.
  if (row === 18 || (row === 17 && ending.reply.status < 400)) return false
  const { status } = ending.reply
  return status < 400 || status >= 500 || status === 408 || status === 409 || status === 429
}

function isResendOf(record: FailedCall<Answer>, call: LlmCall): boolean {
  if (call.resend > 0) return true
  // An aborted call was ended by its caller: who asks again without saying so asks anew.
  if ('error' in record.answer && record.answer.aborted) return false
  return record.answers < maxSilentAnswers || performance.now() < record.retryAtMs
}

function isAnswered({ answer, used, deferred, retryAtMs }: FailedCall<Answer>): boolean {
  if (used.attempts >= used.maxAttempts) return true
  if ('error' in answer && answer.aborted) return false
  return !deferred || performance.now() < retryAtMs
}

function seenAgain(record: FailedCall<Answer>): void {
  record.answers++
  record.windowMs = Math.min(record.windowMs * 2, maxWindowMs)
  record.expiresAtMs = Math.max(record.expiresAtMs, performance.now() + record.windowMs)
}
