import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptedMemoryStore, inProcessMemoryStore } from '@holdfast/core/memory'
import { redisMemoryStore } from '@holdfast/store-redis'
import { sqliteMemoryStore } from '@holdfast/store-sqlite'
import { afterAll, beforeAll, describe } from 'vitest'
import { startRedisCluster } from '../redis/ask-redis.ts'
import { redisAvailable, startRedis } from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import { describeMemoryStore } from './describe-memory-store.ts'

let folder: string
let count = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-memory-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeMemoryStore('inProcessMemoryStore', async () => {
  const store = inProcessMemoryStore()
  return { open: async () => store, end: async () => {} }
})

describeMemoryStore('sqliteMemoryStore', async () => {
  const path = join(folder, `${++count}`, 'memory.db')
  return { open: async () => sqliteMemoryStore({ path }), end: async () => {} }
})

describeMemoryStore('encryptedMemoryStore', async () => {
  const path = join(folder, `${++count}`, 'memory.db')
  const key = randomBytes(32)
  return {
    open: async () => encryptedMemoryStore(sqliteMemoryStore({ path }), { key }),
    end: async () => {},
  }
})

describe.runIf(redisAvailable())('memories on Redis', () => {
  let redis: RedisServer
  let cluster: RedisServer
  beforeAll(async () => {
    ;[redis, cluster] = await Promise.all([startRedis(), startRedisCluster()])
  })
  afterAll(() => Promise.all([redis.stop(), cluster.stop()]))

  describeMemoryStore('redisMemoryStore', async () => {
    const prefix = `t${++count}`
    return {
      open: async () => redisMemoryStore({ url: redis.url, prefix }),
      end: async () => {},
    }
  })

  describeMemoryStore('redisMemoryStore on a cluster', async () => {
    const prefix = `c${++count}`
    return {
      open: async () => redisMemoryStore({ url: cluster.url, cluster: true, prefix }),
      end: async () => {},
    }
  })
})
