import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteApprovalStore, sqliteJournal } from '@holdfast/store-sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asking, describeApprovalStore } from './describe-approval-store.ts'

let folder: string
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-approvals-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const newPath = (): string => join(folder, `${++files}`, 'journal.db')

describeApprovalStore('sqliteApprovalStore', async () => {
  const path = newPath()
  let time = 1_700_000_000_000
  return {
    open: async () => sqliteApprovalStore({ path, now: () => time }),
    pass: async (ms) => void (time += ms),
    end: async () => {},
  }
})

test('the file is for its owner alone, and may be the journal’s', async () => {
  const path = newPath()
  const journal = sqliteJournal({ path })
  const store = sqliteApprovalStore({ path })
  await store.ask(asking())
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    expect(statSync(file).mode & 0o777).toBe(0o600)
  }
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700)
  await expect(journal.list()).resolves.toEqual([])
  await store.close()
  await journal.close()
})
