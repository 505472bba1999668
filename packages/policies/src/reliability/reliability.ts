import type { Interceptor, LlmCall } from '@holdfast/core'
import type { LimitStore } from '@holdfast/core/limits'
import { attemptStep } from './attempt.ts'
import { interceptorOf } from './call-context.ts'
import type { CallLimits, Step } from './call-context.ts'
import { circuitBreakerStep } from './circuit-breaker/circuit-breaker.ts'
import type { CircuitBreakerOptions } from './circuit-breaker/circuit.ts'
import { commitStep } from './commit/commit.ts'
import type { CommitOptions } from './commit/commit.ts'
import { fallbackStep, namesTargets } from './fallback/fallback.ts'
import type { FallbackOptions } from './fallback/fallback.ts'
import { hedgeStep } from './hedge/hedge.ts'
import type { HedgeOptions } from './hedge/hedge.ts'
import { limitGate } from './limits/limit-gate.ts'
import { limitsStep } from './limits/limits.ts'
import type { BudgetOptions, ConcurrencyOptions, RateLimitOptions } from './limits/options.ts'
import { continueTextStep, goOnStep } from './mid-stream/continue-text.ts'
import { resendGuardStep } from './resend-guard/resend-guard.ts'
import type { ResendGuardOptions } from './resend-guard/resend-guard.ts'
import { defaultMaxAttempts, defaultMaxDelayMs, retryBudget, retryStep } from './retry/retry.ts'
import type { RetryOptions } from './retry/retry.ts'
import { defaultTotalMs, timeoutStep } from './timeout/timeout.ts'
import type { TimeoutOptions } from './timeout/timeout.ts'

/** The reliability family; `false` switches a member off. */
export interface ReliabilityOptions {
  readonly resendGuard?: false | ResendGuardOptions
  /** Off unless targets are named. */
  readonly fallback?: false | FallbackOptions
  /** Continues plain text that breaks off in the middle with another attempt, in place of an error. @default false */
  readonly continueText?: boolean
  /** Sends what is slow to begin a second time. @default false */
  readonly hedge?: false | HedgeOptions
  readonly retry?: false | RetryOptions
  readonly circuitBreaker?: false | CircuitBreakerOptions
  /** Requests and tokens per minute. @default none */
  readonly rateLimit?: false | RateLimitOptions
  /** Requests under way at once. @default none */
  readonly concurrency?: false | ConcurrencyOptions
  /** What may be spent. @default none */
  readonly budget?: false | BudgetOptions
  /** What a call does that a rate or concurrency limit has no room for: wait within its deadline, or fail at once. @default 'wait' */
  readonly onLimit?: 'wait' | 'refuse'
  readonly commit?: false | CommitOptions
  readonly timeout?: false | TimeoutOptions
}

/** What the family shares with other processes. */
export interface ReliabilityPorts {
  /** Where circuits, rates, concurrency and budgets have their state. @default this process's memory */
  readonly limitStore?: LimitStore | undefined
  /** False for a call that may not go where fallback would send it: its target is left out. @default true */
  readonly mayAsk?: ((call: LlmCall) => boolean) | undefined
}

/**
 * Keeps a call alive on a bad day: one retry owner, fallback, hedging, retry, circuit breaker, limits, commit point and
 * timeouts, from the outside in. They share what they know of a call: at most `retry.maxAttempts` requests go upstream,
 * and one more for each fallback target taken.
 */
export function reliability(
  {
    resendGuard = {},
    fallback = false,
    continueText = false,
    hedge = false,
    retry = {},
    circuitBreaker = {},
    rateLimit = false,
    concurrency = false,
    budget = false,
    onLimit = 'wait',
    commit = {},
    timeout = {},
  }: ReliabilityOptions = {},
  { limitStore, mayAsk }: ReliabilityPorts = {},
): Interceptor {
  const limited = rateLimit !== false || concurrency !== false || budget !== false
  const shared = limitStore?.shared === true
  const gate = limited || (shared && circuitBreaker) ? limitGate(limitStore) : undefined
  const again = retryBudget(retry === false ? {} : retry)
  const steps: (Step | false)[] = [
    resendGuard && resendGuardStep(resendGuard),
    continueText && continueTextStep(),
    fallback && namesTargets(fallback) && fallbackStep(fallback, mayAsk),
    continueText && goOnStep(),
    hedge && hedgeStep(hedge, again),
    retry && retryStep(retry, again),
    circuitBreaker && circuitBreakerStep(circuitBreaker, { shared }),
    gate !== undefined && limitsStep({ rateLimit, concurrency, budget, onLimit }, gate),
    attemptStep(),
    commit && commitStep(commit),
    timeout && timeoutStep(timeout),
  ]
  // Both need a second request, which is no retry.
  const attemptsWithoutRetry = hedge !== false || continueText ? 2 : 1
  const limits: CallLimits = {
    maxAttempts: retry === false ? attemptsWithoutRetry : (retry.maxAttempts ?? defaultMaxAttempts),
    maxDelayMs: retry === false ? defaultMaxDelayMs : (retry.maxDelayMs ?? defaultMaxDelayMs),
    totalMs: timeout === false ? Infinity : (timeout.totalMs ?? defaultTotalMs),
  }
  return interceptorOf(
    'reliability',
    steps.filter((step) => step !== false),
    limits,
  )
}
