import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { memory } from '@holdfast/policies/memory'
import { redisMemoryStore } from '@holdfast/store-redis'
import { sqliteMemoryStore } from '@holdfast/store-sqlite'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { redisAvailable, startRedis } from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'

const program = join(import.meta.dirname, 'fixtures/process.ts')

async function inProcess(store: string, job: object): Promise<string> {
  const args = ['--conditions=@holdfast/source', '--no-warnings', program, store]
  const { stdout } = await promisify(execFile)(process.execPath, [...args, JSON.stringify(job)])
  return stdout
}

// Processes of their own take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
let redis: RedisServer | undefined
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-memory-'))
  if (redisAvailable()) redis = await startRedis()
})
afterAll(async () => {
  await redis?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const stores = [
  ['SQLite', () => join(folder, 'memory.db'), (name: string) => sqliteMemoryStore({ path: name })],
  ['Redis', () => redis?.url ?? '', (name: string) => redisMemoryStore({ url: name })],
] as const

describe.each(stores)('on %s', (kind, nameOf, open) => {
  const isThere = kind === 'SQLite' || redisAvailable()

  test.runIf(isThere)(
    'what one process remembers, others recall, also while they run',
    async () => {
      const name = nameOf()
      const here = memory({ store: open(name) })
      const recalled = async () =>
        (await here.recall({ query: 'which drink does she prefer', user: 'ada' })).map(
          ({ memory: { text } }) => text,
        )
      expect(await recalled()).toEqual([])
      await inProcess(name, { name: 'one', remember: ['I prefer tea', 'I live in Berlin'] })
      expect(await recalled()).toEqual(['I prefer tea'])
      await here.remember({ text: 'I moved to Rome', user: 'ada' })
      const elsewhere = await inProcess(name, { name: 'two', recall: 'where does she live' })
      expect(JSON.parse(elsewhere)).toEqual(['I moved to Rome'])
      await here.erase({ user: 'ada' })
      expect(await recalled()).toEqual([])
      await here.close()
    },
  )

  test.runIf(isThere)(
    'processes that write the same at once lose nothing of each other',
    async () => {
      const name = nameOf()
      const names = ['a', 'b', 'c']
      await Promise.all(names.map((one) => inProcess(name, { name: one, changes: 10 })))
      const here = memory({ store: open(name) })
      const hits = await here.recall({ query: 'counter', user: 'ada' })
      expect(hits).toHaveLength(1)
      const history = await here.history(hits[0]?.memory.id ?? '', { user: 'ada' })
      expect(history.map(({ version }) => version)).toEqual(history.map((_, index) => index + 1))
      for (const one of names) {
        const written = history.filter(({ source }) => source.agent === one)
        expect(written.map(({ text }) => text)).toEqual(
          Array.from({ length: 10 }, (_, count) => `The counter of ${one} is ${count}`),
        )
      }
      const block = await here.blocks({ user: 'ada', session: 's' }).get('log')
      expect(block?.text.trim().split('\n').toSorted()).toEqual(
        names.flatMap((one) => Array.from({ length: 10 }, () => one)),
      )
      expect(block?.version).toBe(30)
      await here.close()
    },
  )
})
