import { createRequire } from 'node:module'
import type { LimitStore } from '@holdfast/core/limits'

const require = createRequire(import.meta.url)

/**
 * Where state is kept that processes share: circuits, rates, concurrency, budgets. `redis://` or `rediss://` for many
 * machines, `sqlite:` and a path for one.
 */
export type StoreSetting = string | SqliteStoreSetting | RedisStoreSetting

/** A file on this machine. */
export interface SqliteStoreSetting {
  readonly sqlite: string
}

/** A Redis, or a Redis Cluster. */
export interface RedisStoreSetting {
  /** `redis://[user:password@]host[:port][/database]` or `rediss://`; of a cluster any one node, or several. */
  readonly redis: string | readonly string[]
  /** @default false */
  readonly cluster?: boolean
  /** What all keys begin with; one for each group of processes that shares its limits. @default 'holdfast' */
  readonly prefix?: string
}

/**
 * The store of limits that the options ask for; undefined where none does. Its code is loaded here: who has none does
 * not pay for it.
 * @throws HoldfastError STORE_UNUSABLE for a file that somebody else could read or change
 */
export function openLimitStore(setting: StoreSetting | undefined): LimitStore | undefined {
  if (setting === undefined) return undefined
  const named = typeof setting === 'string' ? fromText(setting) : setting
  if ('sqlite' in named) {
    const { sqliteLimitStore } =
      require('@holdfast/store-sqlite') as typeof import('@holdfast/store-sqlite')
    return sqliteLimitStore({ path: named.sqlite })
  }
  const { redisLimitStore } =
    require('@holdfast/store-redis') as typeof import('@holdfast/store-redis')
  const { redis: url, ...rest } = named
  return redisLimitStore({ url, ...rest })
}

/** What a text may begin with to name a store. */
export const storeText: RegExp = /^(rediss?:\/\/|sqlite:).+/

function fromText(text: string): SqliteStoreSetting | RedisStoreSetting {
  return text.startsWith('sqlite:') ? { sqlite: text.slice('sqlite:'.length) } : { redis: text }
}
