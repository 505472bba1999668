import { setTimeout } from 'node:timers/promises'
import { redisApprovalStore } from '@holdfast/store-redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedisCluster } from '../redis/ask-redis.ts'
import { redisAvailable, startRedis } from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import { asking, describeApprovalStore } from './describe-approval-store.ts'

describe.runIf(redisAvailable())('approvals on Redis', () => {
  let redis: RedisServer
  let cluster: RedisServer
  let prefixes = 0
  beforeAll(async () => {
    ;[redis, cluster] = await Promise.all([startRedis(), startRedisCluster()])
  })
  afterAll(() => Promise.all([redis.stop(), cluster.stop()]))

  describeApprovalStore('redisApprovalStore', async () => {
    const prefix = `t${++prefixes}`
    return {
      open: async () => redisApprovalStore({ url: redis.url, prefix }),
      pass: async (ms) => setTimeout(ms),
      end: async () => {},
    }
  })

  describeApprovalStore('redisApprovalStore on a cluster', async () => {
    const prefix = `c${++prefixes}`
    return {
      open: async () => redisApprovalStore({ url: cluster.url, cluster: true, prefix }),
      pass: async (ms) => setTimeout(ms),
      end: async () => {},
    }
  })

  test('without its Redis, nothing is approved', async () => {
    const gone = await startRedis()
    const store = redisApprovalStore({ url: gone.url, timeoutMs: 300 })
    const asked = asking()
    await store.ask(asked)
    await store.decide(asked.id, { verdict: 'approved', by: 'ada' })
    await gone.stop()
    await expect(store.redeem(asked.question)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
    await expect(store.ask(asking())).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
    await store.close()
  })
})
