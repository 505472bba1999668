import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inProcessMemoryStore } from '@holdfast/core/memory'
import type { MemorySearch, MemoryStore, MemoryVersion } from '@holdfast/core/memory'
import { memory } from '@holdfast/policies/memory'
import type { Memory } from '@holdfast/policies/memory'
import { redisMemoryStore } from '@holdfast/store-redis'
import { sqliteMemoryStore } from '@holdfast/store-sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  queryEngineAvailable,
  redisAvailable,
  startRedis,
  withQueryEngine,
} from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-large-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const day = 86_400_000
const beginMs = 1_700_000_000_000
const now = () => beginMs + 400 * day
const things = 'tea coffee boat garden bicycle library concert market bridge harbour'.split(' ')
const verbs = 'likes sold lost found painted repaired promised forgot counted carried'.split(' ')
const places = 'Oslo Porto Kyoto Lima Accra Tbilisi 東京 大阪 Graz Quito'.split(' ')
const texts = Array.from({ length: 300 }, (_, at) => {
  const [thing, verb, place] = [things[at % 10], verbs[(at * 7) % 10], places[(at * 3 + 1) % 10]]
  return `Person ${at % 37} ${verb} the ${thing} number ${at} in ${place}`
})
const questions = [
  ...texts.filter((_, at) => at % 25 === 0).map((text) => text.split(' ').slice(2).join(' ')),
  'where does she live',
]

/** Pieces of words, hashed: near for texts that have them in common. */
const embedder = {
  model: 'pieces',
  async embed(asked: readonly string[]) {
    return asked.map((text) => {
      const vector = new Float32Array(32)
      for (let at = 0; at + 3 <= text.length; at++) {
        const code =
          text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)
        vector[code % 32]! += code % 2 === 0 ? 1 : -1
      }
      return vector
    })
  },
}

async function tell(desk: Memory): Promise<void> {
  for (const [at, text] of texts.entries()) {
    await desk.remember({ user: 'ada', text, atMs: beginMs + at * day, kind: 'episode' })
  }
  for (const home of ['Oslo', 'Lima', 'Accra']) {
    await desk.remember({ user: 'ada', text: `I live in ${home}`, by: 'user' })
  }
}

const found = (desk: Memory, more: object = {}) =>
  Promise.all(
    questions.map(async (query) => {
      const hits = await desk.recall({ user: 'ada', query, ...more })
      return hits.map(({ memory: { text }, scores: { total, vector = 0 } }) => [
        text,
        Number(total.toFixed(5)),
        Number(vector.toFixed(4)),
      ])
    }),
  )

/** A place that is searched in its store finds what one in the process does, with the same scores. */
async function expectTheSame(store: MemoryStore, options: object): Promise<void> {
  const inStore = memory({ store, now, searchInStoreFrom: 100, ...options })
  const inProcess = memory({ store: inProcessMemoryStore(), now, ...options })
  await Promise.all([tell(inStore), tell(inProcess)])
  expect(await found(inStore)).toEqual(await found(inProcess))
  const asOf = beginMs + 200 * day
  expect(await found(inStore, { asOf })).toEqual(await found(inProcess, { asOf }))

  for (const desk of [inStore, inProcess]) {
    const [hit] = await desk.recall({ user: 'ada', query: questions[3] ?? '' })
    expect(await desk.forget(hit?.memory.id ?? '', { user: 'ada' })).toBe(true)
    await desk.remember({ user: 'ada', text: 'I live in Quito', by: 'user' })
  }
  expect(await found(inStore)).toEqual(await found(inProcess))
}

describe.each(['sqlite-vec', 'scan'] as const)('a large place in SQLite, %s', (vectors) => {
  test('is searched in the file, and finds the same', async () => {
    const path = join(folder, vectors, 'memory.db')
    const store = sqliteMemoryStore({ path, vectors })
    await expectTheSame(store, { embedder })

    const [name = ''] = readdirSync(join(folder, vectors)).filter((file) =>
      /\.search-[\da-f]+$/.test(file),
    )
    for (const file of readdirSync(join(folder, vectors)).filter((one) => one.includes(name))) {
      expect(readFileSync(join(folder, vectors, file)).includes('harbour')).toBe(false)
    }
    expect(await store.erase({ user: 'ada' })).toBe(300)
    const left = readdirSync(join(folder, vectors))
    expect(left.filter((file) => file.includes('.search-'))).toEqual([])
    const desk = memory({ store, now, searchInStoreFrom: 100 })
    expect((await found(desk)).flat()).toEqual([])
    await store.close()
  })
})

test('a large place in SQLite is searched by words alone', async () => {
  const store = sqliteMemoryStore({ path: join(folder, 'words', 'memory.db') })
  await expectTheSame(store, {})
  await store.close()
})

const ofAda = { tier: 'long-term', user: 'ada' } as const

/** What the store itself finds; undefined where it cannot be searched in. */
async function candidates(store: MemoryStore, more: Partial<MemorySearch> = {}) {
  const cut = ({ text }: MemoryVersion) => {
    const terms = text.toLowerCase().split(/\W+/)
    return { terms, length: terms.length }
  }
  const searched = await store.search?.(ofAda, { terms: ['tea'], cut, limit: 5, ...more })
  return searched?.versions.map(({ id }) => id).toSorted()
}

/** Redis 8, or another one with vectors in its query engine, which most machines do not have. */
const engineUrl = process.env['HOLDFAST_REDIS_WITH_QUERY_ENGINE']

test.runIf(engineUrl !== undefined)('a large place in Redis 8 is searched there', async () => {
  const store = redisMemoryStore({ url: engineUrl ?? '', prefix: `large-${process.pid}` })
  try {
    await expectTheSame(store, { embedder })
    expect(await candidates(store)).toHaveLength(10)
    const vector = { model: 'pieces', vector: new Float32Array(32).fill(1) }
    expect(await candidates(store, { terms: [], vector })).toHaveLength(5)
  } finally {
    await store.erase({ user: 'ada' })
    await store.close()
  }
})

test.runIf(redisAvailable())('a large place in a Redis without the engine is read', async () => {
  await using redis = await startRedis()
  const store = redisMemoryStore({ url: redis.url })
  await expectTheSame(store, {})
  expect(await candidates(store)).toBeUndefined()
  await store.close()
})

describe.runIf(queryEngineAvailable())('a large place in a Redis with RediSearch 1', () => {
  let redis: RedisServer
  const stores: MemoryStore[] = []
  let count = 0
  beforeAll(async () => {
    redis = await startRedis({ settings: withQueryEngine })
  })
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())))
  afterAll(() => redis.stop())

  function open(prefix = `t${++count}`, url = redis.url): MemoryStore {
    const store = redisMemoryStore({ url, prefix })
    stores.push(store)
    return store
  }

  test('is searched there, and finds the same', async () => {
    const store = open()
    await expectTheSame(store, {})
    expect(await candidates(store)).not.toBeUndefined()
  })

  test('is read where vectors are asked for', async () => {
    const store = open()
    await expectTheSame(store, { embedder })
    const vector = { model: 'pieces', vector: Float32Array.of(1) }
    expect(await candidates(store, { vector })).toBeUndefined()
  })
})
