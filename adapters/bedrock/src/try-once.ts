import { isHeldCall } from './held-call.ts'

/** Where a client keeps how often it tries. */
export interface RetryConfig {
  retryStrategy?: () => Promise<RetryStrategy>
}

interface RetryStrategy {
  readonly mode?: unknown
  acquireInitialRetryToken(...args: unknown[]): Promise<unknown>
  refreshRetryTokenForRetry?(...args: unknown[]): Promise<unknown>
  recordSuccess(...args: unknown[]): unknown
}

/** The SDK tries a call up to three times; one that is held it tries once. */
export function tryOnce(config: RetryConfig): void {
  const own = config.retryStrategy
  if (own === undefined) return
  config.retryStrategy = async () => {
    const strategy = await own()
    return isHeldCall() ? once(strategy) : strategy
  }
}

/** The strategy with no second attempt. */
function once(strategy: RetryStrategy): RetryStrategy {
  if (strategy.refreshRetryTokenForRetry === undefined) return strategy
  return {
    mode: strategy.mode,
    acquireInitialRetryToken: (...args) => strategy.acquireInitialRetryToken(...args),
    recordSuccess: (...args) => strategy.recordSuccess(...args),
    async refreshRetryTokenForRetry() {
      throw new Error('Holdfast retries')
    },
  }
}
