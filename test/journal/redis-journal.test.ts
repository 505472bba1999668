import { setTimeout } from 'node:timers/promises'
import { redisJournal } from '@holdfast/store-redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedisCluster } from '../redis/ask-redis.ts'
import { redisAvailable, startRedis } from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import { describeJournalStore, ownerNamed } from './describe-journal-store.ts'

describe.runIf(redisAvailable())('a journal on Redis', () => {
  let redis: RedisServer
  let prefixes = 0
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  describeJournalStore('redisJournal', async () => {
    const prefix = `t${++prefixes}`
    return {
      open: async () => redisJournal({ url: redis.url, prefix }),
      pass: async (ms) => setTimeout(ms),
      end: async () => {},
    }
  })

  let cluster: RedisServer
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(() => cluster.stop())

  describeJournalStore('redisJournal on a cluster', async () => {
    const prefix = `c${++prefixes}`
    return {
      open: async () => redisJournal({ url: cluster.url, cluster: true, prefix }),
      pass: async (ms) => setTimeout(ms),
      end: async () => {},
    }
  })

  test('without its Redis, every operation fails within its time', async () => {
    const gone = await startRedis()
    const store = redisJournal({ url: gone.url, timeoutMs: 300 })
    const request = { facts: { id: 'run' }, owner: ownerNamed('one'), ttlMs: 1_000 }
    const answer = await store.acquire(request)
    await gone.stop()
    if (!answer.taken) throw new Error('held')
    const entry = { seq: 0, kind: 'note', atMs: 1, data: '' }
    await expect(store.append(answer.lease, [entry])).rejects.toThrow()
    await expect(store.acquire(request)).rejects.toThrow()
    await store.close()
  })
})
