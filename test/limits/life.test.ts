import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redisLimitStore } from '@holdfast/store-redis'
import { deadPort } from '@holdfast/lab'
import { HoldfastError, instrument } from 'holdfast'
import { describe, expect, test, vi } from 'vitest'
import { scriptsRun, startRedisCluster } from '../redis/ask-redis.ts'
import { redisAvailable, startRedis } from '../redis/redis-server.ts'
import { startProvider, tokensPerAnswer } from './provider.ts'

const reliability = { budget: { maxTokens: 100_000 }, concurrency: { max: 5 } }
const good = (calls: number) => ({
  stdout: `${JSON.stringify(Array.from({ length: calls }, () => 200))}\n`,
  stderr: '',
  code: 0,
})

// Whole applications, on machines that have other things to do as well.
vi.setConfig({ testTimeout: 60_000 })

describe.runIf(redisAvailable())('an application with its limits in Redis', () => {
  test.each([
    ['Redis', startRedis, false],
    ['a cluster', startRedisCluster, true],
  ] as const)(
    'on %s ends when it is done, has settled what it took, and prints nothing',
    async (_, start, cluster) => {
      await using redis = await start()
      await using provider = await startProvider()
      const store = { redis: redis.url, prefix: randomUUID(), cluster }

      expect(await application(provider.url, { store, reliability }, 3)).toEqual(good(3))

      const limits = redisLimitStore({ url: redis.url, prefix: store.prefix, cluster })
      const claim = { key: 'tokens:all', limit: 100_000, amount: 100_000 - 3 * tokensPerAnswer }
      const ask = { leaseMs: 1_000, slots: [], rates: [] }
      expect(
        await limits.admit({
          ...ask,
          id: 'more',
          budgets: [{ ...claim, amount: claim.amount + 1 }],
        }),
      ).toMatchObject({ admitted: false })
      expect(await limits.admit({ ...ask, id: 'all', budgets: [claim] })).toMatchObject({
        admitted: true,
      })
      await limits.close()
    },
  )

  test('goes on where no Redis is, where that is allowed, and still ends', async () => {
    await using provider = await startProvider()
    const store = (await deadPort()).replace('http:', 'redis:')
    const open = { concurrency: { max: 5 }, rateLimit: { requestsPerMinute: 600 } }

    expect(await application(provider.url, { store, reliability: open }, 3)).toEqual(good(3))
  })

  test('asks once for each call', async () => {
    await using redis = await startRedis()
    await using provider = await startProvider()
    const holdfast = instrument({
      telemetry: false,
      adapters: false,
      store: redis.url,
      reliability: { rateLimit: { requestsPerMinute: 1e6 }, circuitBreaker: {} },
    })
    const call = async (content: string) => {
      const response = await holdfast.fetch(`${provider.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }),
      })
      await response.text()
    }
    await call('connects')
    const before = await scriptsRun(redis.port)
    for (let index = 0; index < 20; index++) await call(`${index}`)
    const asked = (await scriptsRun(redis.port)) - before
    await holdfast.uninstrument()

    expect(asked).toBe(20)
  })
})

test('two processes share a file', async () => {
  await using provider = await startProvider()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-limits-'))
  const store = `sqlite:${join(folder, 'limits.db')}`
  const options = {
    store,
    reliability: { rateLimit: { requestsPerMinute: 60, burst: 4 }, onLimit: 'refuse' },
  }

  const both = await Promise.all([
    application(provider.url, options, 4),
    application(provider.url, options, 4),
  ])

  // Each would have made its four calls alone; a second or so gives another one.
  expect(provider.arrivals.length).toBeGreaterThanOrEqual(4)
  expect(provider.arrivals.length).toBeLessThan(8)
  expect(both.some(({ stderr }) => stderr.includes('LIMIT_REACHED'))).toBe(true)
  rmSync(folder, { recursive: true })
})

test.each([
  ['mysql://user:secret@host', 'redis://…, rediss://… or sqlite:<path>'],
  [{ redis: 'host:6379' }, 'redis://… or rediss://…'],
])('a store that is none is refused: %j', (store, allowed) => {
  let thrown: unknown
  try {
    instrument({ store: store as string })
  } catch (error) {
    thrown = error
  }
  expect(HoldfastError.is(thrown)).toBe(true)
  expect(thrown).toMatchObject({ code: 'OPTIONS_INVALID' })
  expect(String(thrown)).toContain(allowed)
  expect(String(thrown)).not.toContain('secret')
})

/** Runs the application to its end. */
function application(url: string, options: object, calls: number) {
  const path = join(import.meta.dirname, 'fixtures/application.ts')
  const args = ['--conditions=@holdfast/source', path, url, JSON.stringify(options), String(calls)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (bytes) => (stdout += bytes))
  child.stderr.on('data', (bytes) => (stderr += bytes))
  return new Promise<{ stdout: string; stderr: string; code: number | null }>((resolve) => {
    child.once('close', (code) => resolve({ stdout, stderr, code }))
  })
}
