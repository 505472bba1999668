import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteJournal } from '@holdfast/store-sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
  database.exec('ALTER TABLE journal_run DROP COLUMN secret')
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
