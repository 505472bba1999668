import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from './open-database.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const unusable = expect.objectContaining({ code: 'STORE_UNUSABLE' })

test('a new file is its owner’s alone, and so is its folder', () => {
  const path = join(folder, 'deep', 'er', 'limits.db')
  const database = openDatabase(path)
  database.exec('CREATE TABLE t (x)')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  database.close()
})

test('a file that others may read is closed to them', () => {
  const path = join(folder, 'limits.db')
  openDatabase(path).close()
  chmodSync(path, 0o644)
  openDatabase(path).close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('who opens a file while another one sets it up waits, however short its statements wait later', async () => {
  const path = join(folder, 'limits.db')
  const holder = new Worker(
    `const { DatabaseSync } = require('node:sqlite')
     const { parentPort } = require('node:worker_threads')
     const database = new DatabaseSync(${JSON.stringify(path)})
     database.exec('CREATE TABLE t (x); BEGIN EXCLUSIVE')
     parentPort.postMessage('held')
     setTimeout(() => (database.exec('COMMIT'), database.close()), 200)`,
    { eval: true },
  )
  await once(holder, 'message')
  const database = openDatabase(path, { busyTimeoutMs: 10 })
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  database.close()
  await holder.terminate()
})

describe('is refused', () => {
  test('where the file is a link', () => {
    const target = join(folder, 'target.db')
    openDatabase(target).close()
    symlinkSync(target, join(folder, 'link.db'))
    expect(() => openDatabase(join(folder, 'link.db'))).toThrow(unusable)
  })

  test('where its write-ahead log is a link to something else', () => {
    writeFileSync(join(folder, 'precious'), 'keep me')
    symlinkSync(join(folder, 'precious'), join(folder, 'limits.db-wal'))
    expect(() => openDatabase(join(folder, 'limits.db'))).toThrow(unusable)
  })

  test('where the folder is a link', () => {
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    expect(() => openDatabase(join(folder, 'link', 'limits.db'))).toThrow(unusable)
  })

  test('where everybody may write to the folder', () => {
    chmodSync(folder, 0o777)
    expect(() => openDatabase(join(folder, 'limits.db'))).toThrow(unusable)
    chmodSync(folder, 0o700)
  })

  test.runIf(process.geteuid?.() === 0)('where the file belongs to somebody else', () => {
    const path = join(folder, 'limits.db')
    openDatabase(path).close()
    chownSync(path, 12_345, 12_345)
    expect(() => openDatabase(path)).toThrow(unusable)
  })
})

test('two connections of one file see the same', () => {
  const path = join(folder, 'limits.db')
  const [one, two] = [openDatabase(path), openDatabase(path)]
  one.exec('CREATE TABLE t (x)')
  one.exec('INSERT INTO t VALUES (1)')
  expect(two.prepare('SELECT x FROM t').get()).toEqual({ x: 1 })
  one.close()
  two.close()
})
