import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteJournal } from '@holdfast/store-sqlite'
import type { JournalStore } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeJournalStore, ownerNamed } from './describe-journal-store.ts'

let folder: string
let files = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function newPath(): string {
  return join(folder, `${++files}`, 'journal.db')
}

describeJournalStore('sqliteJournal', async () => {
  const path = newPath()
  let time = 1_000_000
  return {
    open: async () => sqliteJournal({ path, now: () => time }),
    pass: async (ms) => void (time += ms),
    end: async () => {},
  }
})

test('the file is for its owner alone, and so is the folder that was made for it', async () => {
  const path = newPath()
  const store = sqliteJournal({ path })
  await store.acquire({ facts: { id: 'run' }, owner: ownerNamed('one'), ttlMs: 1_000 })
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    expect(statSync(file).mode & 0o777).toBe(0o600)
  }
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700)
  await store.close()
})

test('a file of a newer version is refused, and says so', async () => {
  const path = newPath()
  await sqliteJournal({ path }).close()
  const database = new DatabaseSync(path)
  database.exec('UPDATE journal_version SET version = 1000')
  database.close()
  expect(() => sqliteJournal({ path })).toThrow(
    expect.objectContaining({
      code: 'STORE_UNUSABLE',
      message: expect.stringContaining('update holdfast') as string,
    }),
  )
})

test('a file of an older version goes forward, with what is in it', async () => {
  const path = newPath()
  const store = sqliteJournal({ path })
  await store.acquire({ facts: { id: 'run' }, owner: ownerNamed('one'), ttlMs: 1_000 })
  await store.close()
  // As the first version made it.
  const database = new DatabaseSync(path)
  database.exec(
    `DROP TABLE journal_chunk; DROP INDEX journal_run_by_log;
     ALTER TABLE journal_run DROP COLUMN log; ALTER TABLE journal_run DROP COLUMN log_place;
     ALTER TABLE journal_run DROP COLUMN secret`,
  )
  database.exec('UPDATE journal_version SET version = 1')
  database.close()
  const newer = sqliteJournal({ path })
  await expect(newer.find('run')).resolves.toMatchObject({ id: 'run', fence: 1 })
  await newer.close()
})

test('what is written at the same moment is one transaction', async () => {
  const path = newPath()
  const store = sqliteJournal({ path })
  const answer = await store.acquire({
    facts: { id: 'run' },
    owner: ownerNamed('one'),
    ttlMs: 1_000,
  })
  if (!answer.taken) throw new Error('held')
  const before = statSync(`${path}-wal`).size
  await Promise.all(
    Array.from({ length: 200 }, (_, seq) =>
      store.append(answer.lease, [{ seq, kind: 'note', atMs: 1, data: 'x' }]),
    ),
  )
  // Two hundred transactions would each write a page of their own.
  expect(statSync(`${path}-wal`).size - before).toBeLessThan(20 * 4_120)
  expect(await store.read('run')).toHaveLength(200)
  await store.close()
})

describe('the log beside the file', () => {
  const entry = (seq: number, data: string) => ({ seq, kind: 'llm', atMs: 1, data })

  async function begun(options: { readonly logBytes?: number; durability?: 'power' } = {}) {
    const path = newPath()
    let time = 1_000_000
    const open = () => sqliteJournal({ path, now: () => time, ...options })
    const store = open()
    const take = async (of: JournalStore, id = 'run') => {
      time += 2_000
      const facts = { id }
      const answer = await of.acquire({ facts, owner: ownerNamed(`${time}`), ttlMs: 1_000 })
      if (!answer.taken) throw new Error('held')
      return answer.lease
    }
    const logs = () => (existsSync(`${path}-log`) ? readdirSync(`${path}-log`) : [])
    const texts = async (of: JournalStore, id = 'run') =>
      (await of.read(id)).map(({ data }) => data)
    return { path, open, store, take, logs, texts }
  }

  test('a torn end, as of a process killed in its write, is as if it had not been written', async () => {
    const { path, open, store, take, logs, texts } = await begun()
    const lease = await take(store)
    await store.record?.(lease, entry(0, 'whole'))
    await store.record?.(lease, entry(1, 'torn'))
    const [name = ''] = logs()
    const log = join(`${path}-log`, name)
    // Behind what was written there is room made ready for more.
    truncateSync(log, readFileSync(log).findLastIndex((byte) => byte !== 0) - 2)
    const heir = open()
    await expect(texts(heir)).resolves.toEqual(['whole'])
    await take(heir)
    await expect(texts(heir)).resolves.toEqual(['whole'])
    await heir.close()
    await store.close()
  })

  test('it is for its owner alone', async () => {
    const { path, store, take, logs } = await begun()
    await store.record?.(await take(store), entry(0, 'x'))
    const [name = ''] = logs()
    expect(statSync(join(`${path}-log`, name)).mode & 0o777).toBe(0o600)
    expect(statSync(`${path}-log`).mode & 0o777).toBe(0o700)
    await store.close()
  })

  test('a process that closes leaves no short log; one that is gone leaves it until no run names it', async () => {
    const { open, store, take, logs, texts } = await begun()
    await store.record?.(await take(store), entry(0, 'x'))
    expect(logs()).toHaveLength(1)
    const heir = open()
    await take(heir)
    await heir.close()
    // Another process tidies up as it begins.
    const third = open()
    await take(third, 'another')
    expect(logs()).toEqual([])
    await expect(texts(third)).resolves.toEqual(['x'])
    // Who was only asleep finds that what he records now has a place.
    const again = await take(store, 'mine')
    await store.record?.(again, entry(0, 'y'))
    await expect(texts(third, 'mine')).resolves.toEqual(['y'])
    await store.close()
    await third.close()
    expect(logs()).toEqual([])
  })

  test('a long log is followed by another one, and stays where it is', async () => {
    const { path, open, store, take, logs, texts } = await begun({ logBytes: 10_000 })
    const long = 'long '.repeat(300_000)
    const first = await take(store, 'first')
    await store.record?.(first, entry(0, long))
    const second = await take(store, 'second')
    await store.record?.(second, entry(0, 'second'))
    await store.record?.(first, entry(1, 'still in the first'))
    expect(logs()).toHaveLength(2)
    await store.update(first, { state: 'completed', release: true })
    await store.close()
    expect(logs()).toHaveLength(1)
    const reader = open()
    await expect(texts(reader, 'first')).resolves.toEqual([long, 'still in the first'])
    await expect(texts(reader, 'second')).resolves.toEqual(['second'])

    // What was said is gone with the run, and the file with the last of them.
    await reader.remove(['first'])
    expect(logs()).toEqual([])
    await reader.close()
    expect(readFileSync(path).includes('still in the first')).toBe(false)
  })

  test('where it cannot be written, or would be somebody else’s, the record is appended to the database', async () => {
    const { path, open, store, take, texts } = await begun()
    const elsewhere = mkdtempSync(join(folder, 'elsewhere-'))
    symlinkSync(elsewhere, `${path}-log`)
    await store.record?.(await take(store), entry(0, 'kept'))
    expect(readdirSync(elsewhere)).toEqual([])
    const other = open()
    await expect(texts(other)).resolves.toEqual(['kept'])
    await other.close()
    await store.close()
  })

  test('with durability power nothing is written there, and what others have is read', async () => {
    const { path, store, take, logs, texts } = await begun()
    await store.record?.(await take(store), entry(0, 'x'))
    const power = sqliteJournal({ path, durability: 'power', now: () => 10_000_000 })
    await expect(texts(power)).resolves.toEqual(['x'])
    const lease = await take(power)
    await power.record?.(lease, entry(1, 'y'))
    await store.close()
    expect(logs()).toEqual([])
    await expect(texts(power)).resolves.toEqual(['x', 'y'])
    await power.close()
  })
})
