import type { Interceptor, LlmCall } from '@holdfast/core'
import { attemptStep } from '../attempt.ts'
import { interceptorOf, noLimits, tell } from '../call-context.ts'
import type { CallContext, Step, Verdict } from '../call-context.ts'
import { endingOf, handUp, outcomeOf } from '../ending.ts'
import type { Ending } from '../ending.ts'
import { isRefusal } from '../faults/faults.ts'
import type { FaultName } from '../faults/faults.ts'
import { delayMs } from './delay.ts'
import { RetryBudget } from './retry-budget.ts'
import { waitUntil } from './wait.ts'

/** How a failed call is tried again. */
export interface RetryOptions {
  /** Requests upstream for one call, the first included; each fallback target adds one. @default 3 */
  readonly maxAttempts?: number
  /** A provider that asks for a longer wait is not waited for. @default 60_000 */
  readonly maxDelayMs?: number
  /** Ceiling of the first wait where the provider names none; it doubles from there. @default 500 */
  readonly baseDelayMs?: number
  /** What an overloaded provider (529) gets at least. @default 1_000 */
  readonly overloadedBaseDelayMs?: number
  /** Ceiling of every wait where the provider names none. @default 8_000 */
  readonly maxBackoffMs?: number
  /** Share of a provider's requests of the last ten seconds that may be retries. @default 0.2 */
  readonly budgetShare?: number
  /** Retries per second that a provider always gets. @default 10 */
  readonly budgetPerSecond?: number
  /** Number from 0 up to 1, for the jitter. @default Math.random */
  readonly random?: () => number
}

export const defaultMaxAttempts = 3
export const defaultMaxDelayMs = 60_000

/**
 * Tries a failed call again where the decision table says that this helps.
 *
 * Sees: failures until the reply begins. Put `commit()` further in, and that is the first content.
 * Changes: nothing. The last failure is handed up as it came: same error object, same bytes.
 */
export function retry(options: RetryOptions = {}): Interceptor {
  const { maxAttempts = defaultMaxAttempts, maxDelayMs = defaultMaxDelayMs } = options
  return interceptorOf('retry', [retryStep(options), attemptStep()], {
    ...noLimits,
    maxAttempts,
    maxDelayMs,
  })
}

/** What retries may take of a provider's requests; hedging takes from the same. */
export function retryBudget({
  budgetShare = 0.2,
  budgetPerSecond = 10,
}: RetryOptions = {}): RetryBudget {
  return new RetryBudget(budgetShare, budgetPerSecond)
}

/** Retry as a layer of the family. */
export function retryStep(
  options: RetryOptions = {},
  budget: RetryBudget = retryBudget(options),
): Step {
  const { baseDelayMs = 500, overloadedBaseDelayMs = 1_000, maxBackoffMs = 8_000 } = options
  const { random = Math.random } = options
  const delays = { baseDelayMs, overloadedBaseDelayMs, maxBackoffMs, random }

  /** When the next request may go out, or undefined where none will. */
  function nextAtMs(
    call: LlmCall,
    context: CallContext,
    verdict: Verdict,
    retriesOfFault: number,
    retry: number,
  ): number | undefined {
    const { fault, failure, atMs } = verdict
    // An overloaded provider is not pressed while somebody else can answer.
    const early = fault.delay === 'slow-backoff' && context.targetsLeft > 0
    const most = early ? 1 : fault.retries === 'as-left' ? Infinity : fault.retries
    if (fault.name === 'rate-limited-long') context.deferred = true
    if (retriesOfFault >= most || failure.shouldRetry === false) return undefined
    if (!context.mayAttempt) return undefined
    const withJitter = delayMs(verdict, retry, delays)
    const asked = failure.retryAfterMs ?? withJitter
    if (asked > context.maxDelayMs || atMs + asked >= context.deadlineAtMs) {
      context.deferred = true
      return undefined
    }
    if (!budget.take(call.provider, atMs)) return undefined
    return atMs + (atMs + withJitter < context.deadlineAtMs ? withJitter : asked)
  }

  return async function retry(call, next, context) {
    if (!context.forked) budget.request(call.provider, context.startedAtMs)
    let before: (Ending & { readonly verdict: Verdict }) | undefined
    let retriesByFault: Map<FaultName, number> | undefined
    for (let retry = 1; ; retry++) {
      const ending = await endingOf(next(call))
      context.dropClaim()
      if ('reply' in ending && ending.reply.failure === undefined) return ending.reply
      const verdict = context.verdict ?? context.judge(call, outcomeOf(ending))
      // Refused before it went out: what the provider said last says more.
      if (isRefusal(verdict.fault) && before !== undefined) {
        context.verdict = before.verdict
        return handUp(before)
      }

      retriesByFault ??= new Map()
      const retriesOfFault = retriesByFault.get(verdict.fault.name) ?? 0
      const atMs = nextAtMs(call, context, verdict, retriesOfFault, retry)
      if (atMs === undefined) return handUp(ending)
      retriesByFault.set(verdict.fault.name, retriesOfFault + 1)

      context.claimAttempt()
      // An attempt that failed gives its connection back before anybody waits.
      if ('reply' in ending) void ending.reply.cancel()
      before = { ...ending, verdict }
      tell(call, {
        type: 'retry-scheduled',
        attempt: context.attempts + 1,
        delayMs: atMs - verdict.atMs,
        reason: verdict.fault.name,
      })
      await waitUntil(atMs, call.signal)
    }
  }
}
