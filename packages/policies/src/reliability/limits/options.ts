/** Which calls count together. */
export type LimitScope =
  /** One provider account and one model: what providers limit. */
  | 'model'
  /** One provider account. */
  | 'account'
  /** One user, tenant or agent of the run; calls without one count together. */
  | 'user'
  | 'tenant'
  | 'agent'
  /** All calls of everybody who shares the store. */
  | 'all'

/** What happens to a call while the store of shared limits does not answer: it goes on with this process's own state, or is refused. */
export type StoreFailure = 'open' | 'closed'

/** How many requests and tokens may go out per minute. */
export interface RateLimitOptions {
  readonly requestsPerMinute?: number
  /** Input and output together: estimated before, set right by the usage that the reply reports. */
  readonly tokensPerMinute?: number
  /** Requests at once after a pause. @default a sixth of requestsPerMinute: ten seconds' worth */
  readonly burst?: number
  /** Tokens at once after a pause. @default a sixth of tokensPerMinute */
  readonly burstTokens?: number
  /** @default 'model' */
  readonly per?: LimitScope
  /** @default 'open' */
  readonly onStoreFailure?: StoreFailure
}

/** How many requests may be under way at once. */
export interface ConcurrencyOptions {
  readonly max: number
  /** @default 'model' */
  readonly per?: LimitScope
  /** How long the place of a process that died stays taken. Living ones renew theirs. @default 30_000 */
  readonly leaseMs?: number
  /** @default 'open' */
  readonly onStoreFailure?: StoreFailure
}

/**
 * How much may be spent. What a request costs at most is reserved before it goes out, so that all processes together
 * never exceed it, and settled afterwards by the usage that the reply reports.
 */
export interface BudgetOptions {
  readonly maxUsd?: number
  /** Input and output together. */
  readonly maxTokens?: number
  /** Starts anew at each multiple of this since 1970, UTC: 86_400_000 for days. @default never */
  readonly periodMs?: number
  /** @default 'all' */
  readonly per?: LimitScope
  /** By model, as requests name it; needed with maxUsd. A model without a price is refused. */
  readonly prices?: Readonly<Record<string, TokenPrice>>
  /** Output tokens that are reserved where the request names no maximum. @default 4_096 */
  readonly assumedOutputTokens?: number
  /** How long the reservation of a process that died is held. Living ones renew theirs. @default 30_000 */
  readonly leaseMs?: number
  /** @default 'closed' */
  readonly onStoreFailure?: StoreFailure
}

/** US dollars per million tokens. */
export interface TokenPrice {
  readonly inputUsdPerMillion: number
  readonly outputUsdPerMillion: number
  /** @default the input price */
  readonly cachedInputUsdPerMillion?: number
  /** @default the input price */
  readonly cacheWriteUsdPerMillion?: number
}

/** Limits of one's own, kept before the provider has to enforce its. */
export interface LimitsOptions {
  readonly rateLimit?: false | RateLimitOptions
  readonly concurrency?: false | ConcurrencyOptions
  readonly budget?: false | BudgetOptions
  /** What a call does that a rate or concurrency limit has no room for: wait within its deadline, or fail at once. @default 'wait' */
  readonly onLimit?: 'wait' | 'refuse'
}
