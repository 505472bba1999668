import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryLimitStore } from '@holdfast/core/limits'
import { redisLimitStore } from '@holdfast/store-redis'
import { sqliteLimitStore } from '@holdfast/store-sqlite'
import { afterAll, beforeAll, describe } from 'vitest'
import { startRedisCluster } from '../redis/ask-redis.ts'
import { redisAvailable, startRedis } from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import { describeLimits } from './describe-limits.ts'

describeLimits('memory', async () => {
  const clock = turnedClock()
  const store = memoryLimitStore({ now: clock.now })
  return { store, other: store, elapse: clock.elapse, close: () => store.close() }
})

describeLimits('SQLite', async () => {
  const clock = turnedClock()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-limits-'))
  const options = { path: join(folder, 'limits.db'), now: clock.now }
  const store = sqliteLimitStore(options)
  const other = sqliteLimitStore(options)
  return {
    store,
    other,
    elapse: clock.elapse,
    async close() {
      await Promise.all([store.close(), other.close()])
      rmSync(folder, { recursive: true })
    },
  }
})

const servers = [
  ['Redis', startRedis, false],
  ['Redis Cluster', startRedisCluster, true],
] as const
describe.runIf(redisAvailable()).each(servers)('with %s', (name, start, cluster) => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await start()
  })
  afterAll(() => redis.stop())

  describeLimits(name, async () => {
    const options = { url: redis.url, prefix: randomUUID(), cluster }
    const store = redisLimitStore(options)
    const other = redisLimitStore(options)
    return {
      store,
      other,
      elapse: (ms) => sleep(ms),
      async close() {
        await Promise.all([store.close(), other.close()])
      },
    }
  })
})

/** Time that passes when it is told to. */
function turnedClock() {
  let now = Date.parse('2026-11-21T12:00:00Z')
  return {
    now: () => now,
    elapse: async (ms: number): Promise<void> => {
      now += ms
    },
  }
}
