import { expect, test } from 'vitest'
import { pings, redisAvailable, startRedis } from './redis-server.ts'

test.runIf(redisAvailable())(
  'a test gets a Redis of its own, and nothing stays of it',
  async () => {
    const first = await startRedis()
    const second = await startRedis()
    expect(first.port).not.toBe(second.port)
    expect(await pings(first.port)).toBe(true)
    await first.stop()
    expect(await pings(first.port)).toBe(false)
    expect(await pings(second.port)).toBe(true)
    await second.stop()
  },
)
