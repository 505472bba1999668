import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MemorySearch, MemoryStore, MemoryVersion } from '@holdfast/core/memory'
import { redisMemoryStore } from '@holdfast/store-redis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { askRedis } from '../redis/ask-redis.ts'
import {
  freePort,
  queryEngineAvailable,
  startRedis,
  withQueryEngine,
} from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import { memory } from './describe-memory-store.ts'

const ofAda = { tier: 'long-term', user: 'ada' } as const

describe.runIf(queryEngineAvailable())('a memory store in a Redis with RediSearch 1', () => {
  let redis: RedisServer
  const stores: MemoryStore[] = []
  beforeAll(async () => {
    redis = await startRedis({ settings: withQueryEngine })
  })
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })
  afterAll(() => redis.stop())

  function open(prefix: string, url = redis.url): MemoryStore {
    const store = redisMemoryStore({ url, prefix })
    stores.push(store)
    return store
  }

  /** Memories that say `tea <number>`, each a day newer than the one before. */
  async function tell(store: MemoryStore, from: number, to: number): Promise<void> {
    const asked = Array.from({ length: to - from }, (_, at) =>
      store.put(
        memory(`m${from + at}`, { text: `tea ${from + at}`, atMs: (from + at) * 86_400_000 }),
      ),
    )
    expect(await Promise.all(asked)).not.toContain(false)
  }

  async function search(store: MemoryStore, terms: string, more: Partial<MemorySearch> = {}) {
    const cut = ({ text }: MemoryVersion) => {
      const words = text.split(' ')
      return { terms: words, length: words.length }
    }
    const asked = { terms: terms.split(' '), cut, limit: 10, ...more }
    const searched = await store.search?.(ofAda, asked)
    if (searched === undefined) return undefined
    const { versions, ...statistics } = searched
    return { ...statistics, ids: versions.map(({ id }) => id) }
  }

  const keysOf = async (prefix: string, port = redis.port): Promise<string[]> => {
    const [reply] = await askRedis(port, 'KEYS *', /\*0\r\n|\*\d[^]*\r\n$/)
    return reply.split('\r\n').filter((line) => line.includes(`{${prefix}}`))
  }

  /** How many hashes the index itself says that it has. */
  const indexed = async (prefix: string, port = redis.port): Promise<number> => {
    const info = `FT.INFO {${prefix}}:memory:find1`
    const [, docs] = await askRedis(port, info, /num_docs\r\n\$\d+\r\n(\d+)/)
    return Number(docs)
  }

  test('is searched for the best by their words, and for the newest', async () => {
    const store = open('best')
    await tell(store, 0, 600)
    await store.put(memory('old', { text: 'harbour tea tea tea', atMs: 1 }))
    await store.put(memory('older', { text: 'harbour and much else', atMs: 0 }))
    expect(await search(store, 'tea harbour nothing', { limit: 3 })).toEqual({
      count: 602,
      averageLength: (600 * 2 + 4 + 4) / 602,
      frequencies: new Map([
        ['tea', 601],
        ['harbour', 2],
      ]),
      ids: expect.arrayContaining(['m597', 'm598', 'm599', 'old', 'older']),
    })
    expect((await search(store, 'nothing'))?.ids).toEqual([])
    // A word counts more in a short text, however often a long one has it.
    await store.put(memory('short', { text: 'lake here', atMs: 0 }))
    for (const id of ['long', 'longer', 'longest']) {
      const text = `${'lake '.repeat(3)}${'and so on '.repeat(30)}${id}`
      await store.put(memory(id, { text, atMs: 1_000 }))
    }
    expect((await search(store, 'lake', { limit: 1 }))?.ids).toContain('short')
    // In the order in which they came, whichever fits better.
    expect((await search(store, 'harbour'))?.ids).toEqual(['old', 'older'])
    expect((await search(store, '599 harbour 7'))?.ids).toEqual(['m7', 'm599', 'old', 'older'])
  })

  test('whose places are made findable by many at once counts each memory once', async () => {
    const several = Array.from({ length: 6 }, () => open('many'))
    const [first, second] = several as [MemoryStore, MemoryStore]
    await tell(first, 0, 1_200)
    const whole = { count: 1_200, averageLength: 2, frequencies: new Map([['tea', 1_200]]) }
    for (const found of await Promise.all(several.map((store) => search(store, 'tea')))) {
      expect(found).toMatchObject(whole)
    }
    expect(await indexed('many')).toBe(1_200)

    // What one makes findable all find.
    await tell(second, 1_200, 1_210)
    expect((await search(first, '1205'))?.ids).toEqual(['m1205'])
    expect((await search(open('many'), '1207'))?.ids).toEqual(['m1207'])
    expect(await indexed('many')).toBe(1_210)
  })

  test('has nothing to be found of what was deleted, also meanwhile', async () => {
    const store = open('gone')
    await tell(store, 0, 800)
    await store.put(memory('m0', { version: 2, text: 'tea and rum' }))
    expect((await search(store, 'tea'))?.frequencies.get('tea')).toBe(801)
    expect(await store.forget(['m0', 'm1'])).toBe(2)
    expect(await indexed('gone')).toBe(799 - 1)
    expect(await search(store, 'tea rum 1')).toMatchObject({
      count: 798,
      averageLength: 2,
      frequencies: new Map([['tea', 798]]),
    })

    await tell(store, 1_000, 2_200)
    const searching = search(open('gone'), 'tea')
    expect(await open('gone').erase({ user: 'ada' })).toBe(1_998)
    await searching
    expect(await search(store, 'tea')).toMatchObject({ count: 0, averageLength: 0, ids: [] })
    expect(await indexed('gone')).toBe(0)
    expect((await keysOf('gone')).filter((key) => /:doc:|:findable:/.test(key))).toEqual([])
  })

  test('is read by whom the engine is refused, who deletes all the same', async () => {
    const store = open('refused')
    await tell(store, 0, 20)
    expect((await search(store, 'tea'))?.count).toBe(20)
    for (const [at, rule] of ['-command', '-ft.search', '-ft.create', '-ft.del'].entries()) {
      await askRedis(redis.port, `ACL SETUSER u${at} on >secret ~* &* +@all ${rule}`, /OK/)
      const user = open('refused', redis.url.replace('//', `//u${at}:secret@`))
      const found = await search(user, 'tea')
      expect(found?.count, rule).toBe(rule === '-ft.del' ? 20 - at : undefined)
      expect(await user.forget([`m${at}`])).toBe(1)
      expect(await search(store, `${at}`)).toMatchObject({ count: 19 - at, ids: [] })
    }
  })

  test('is not read because Redis had no time once', async () => {
    const store = open('busy')
    await tell(store, 0, 5)
    expect((await search(store, 'tea'))?.ids).toHaveLength(5)
    await askRedis(redis.port, 'CONFIG SET busy-reply-threshold 20', /OK/)
    const endless = askRedis(redis.port, 'EVAL "while true do end" 0', /-/)
    await expect.poll(() => search(store, 'tea').catch(String)).toContain('BUSY')
    await askRedis(redis.port, 'SCRIPT KILL', /OK/)
    await endless
    expect((await search(store, 'tea'))?.ids).toHaveLength(5)
  })

  test('goes on without the module, and with it again', async () => {
    const keepIn = mkdtempSync(join(tmpdir(), 'holdfast-module-'))
    const port = await freePort()
    const start = (settings: readonly string[]) => startRedis({ port, keepIn, settings })
    const url = `redis://127.0.0.1:${port}`
    const started = async (store: MemoryStore) => {
      await expect.poll(() => store.find('m9').catch(() => undefined)).toBeDefined()
    }
    try {
      // From a Redis that had none.
      const store = open('keep', url)
      {
        await using _ = await start([])
        await tell(store, 0, 10)
        expect(await search(store, 'tea')).toBeUndefined()
      }
      const next = open('keep', url)
      {
        await using _ = await start(withQueryEngine)
        await started(next)
        expect((await search(next, 'tea'))?.ids).toHaveLength(10)
      }
      {
        // What was indexed is known after a start; then whoever looks after it takes the module away.
        await using _ = await start(withQueryEngine)
        await started(next)
        expect((await search(next, 'tea'))?.ids).toHaveLength(10)
        await askRedis(port, 'FT.DROP {keep}:memory:find1 KEEPDOCS', /OK/)
        await askRedis(port, 'BGREWRITEAOF', /started/)
        const rewriting = () => askRedis(port, 'INFO persistence', /aof_rewrite_in_progress:(\d)/)
        await expect.poll(async () => (await rewriting())[1]).toBe('0')
      }
      {
        await using _ = await start([])
        await started(next)
        expect(await search(next, 'tea')).toBeUndefined()
        expect(await next.forget(['m1'])).toBe(1)
        await tell(next, 10, 12)
      }
      {
        await using _ = await start(withQueryEngine)
        const last = open('keep', url)
        await started(last)
        expect(await search(last, 'tea 1 11')).toMatchObject({ count: 11, averageLength: 2 })
        expect((await search(last, '1 11'))?.ids).toEqual(['m11'])
        expect(await indexed('keep', port)).toBe(11)
      }
    } finally {
      rmSync(keepIn, { recursive: true, force: true })
    }
  })
})
