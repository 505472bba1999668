export { circuitBreaker } from './circuit-breaker/circuit-breaker.ts'
export type { CircuitBreakerOptions, SamplingOptions } from './circuit-breaker/circuit.ts'
export { commit } from './commit/commit.ts'
export type { CommitOptions } from './commit/commit.ts'
export { fallback } from './fallback/fallback.ts'
export type { FallbackOptions } from './fallback/fallback.ts'
export type { FallbackChains, FallbackReason } from './fallback/chains.ts'
export type { FallbackTarget, OnLoss } from './fallback/target.ts'
export { classify } from './faults/classify.ts'
export type { Circumstances, Outcome, Phase } from './faults/classify.ts'
export { FaultError } from './faults/fault-error.ts'
export { faults } from './faults/faults.ts'
export type {
  BreakerVerdict,
  DelayRule,
  FallbackRule,
  Fault,
  FaultName,
  Retries,
  Where,
} from './faults/faults.ts'
export { limits } from './limits/limits.ts'
export type {
  BudgetOptions,
  ConcurrencyOptions,
  LimitScope,
  LimitsOptions,
  RateLimitOptions,
  StoreFailure,
  TokenPrice,
} from './limits/options.ts'
export { hedge } from './hedge/hedge.ts'
export type { HedgeOptions } from './hedge/hedge.ts'
export { interruptionOf, StreamInterruptedError } from './mid-stream/stream-interrupted.ts'
export type { PartialReply, PartialToolCall } from './mid-stream/stream-interrupted.ts'
export { reliability } from './reliability.ts'
export type { ReliabilityOptions, ReliabilityPorts } from './reliability.ts'
export { resendGuard } from './resend-guard/resend-guard.ts'
export type { ResendGuardOptions } from './resend-guard/resend-guard.ts'
export { retry } from './retry/retry.ts'
export type { RetryOptions } from './retry/retry.ts'
export { timeout } from './timeout/timeout.ts'
export type { TimeoutOptions } from './timeout/timeout.ts'
