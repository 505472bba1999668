import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'
import { prototypeOf } from './prototype-of.ts'

interface RetryStrategy {
  readonly mode?: unknown
  acquireInitialRetryToken(...args: unknown[]): Promise<unknown>
  refreshRetryTokenForRetry?(...args: unknown[]): Promise<unknown>
  recordSuccess(...args: unknown[]): unknown
}

interface Client {
  readonly config: { retryStrategy?: () => Promise<RetryStrategy> }
}

type Send = (this: Client, ...args: unknown[]) => unknown

/** Set in calls that Holdfast retries by itself. */
const heldCall = new AsyncLocalStorage<true>()

/** The SDK tries a call up to three times; while Holdfast retries, it tries once. */
export function patchClient(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const known = new WeakSet<Client>()
  host.patch<Send>(
    prototypeOf(exports, 'BedrockRuntimeClient'),
    'send',
    (original) =>
      function send(...args) {
        if (!host.reliability) return original.apply(this, args)
        if (!known.has(this)) {
          tryOnce(this)
          known.add(this)
        }
        return heldCall.run(true, () => original.apply(this, args))
      },
  )
}

function tryOnce({ config }: Client): void {
  const own = config.retryStrategy
  if (own === undefined) return
  config.retryStrategy = async () => {
    const strategy = await own()
    return heldCall.getStore() === undefined ? strategy : once(strategy)
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
