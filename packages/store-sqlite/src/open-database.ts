import { chmodSync, closeSync, lstatSync, mkdirSync, openSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import type { DatabaseSync } from 'node:sqlite'
import { HoldfastError } from '@holdfast/core'

const require = createRequire(import.meta.url)

/** How a database file is opened. */
export interface OpenDatabaseOptions {
  /** How long a statement waits for another connection's write; the thread stands still meanwhile. @default 1_000 */
  readonly busyTimeoutMs?: number
  /** What a commit outlives: the process (`kill -9`), or a power cut too, which waits for the disk. @default 'process' */
  readonly durability?: 'process' | 'power'
}

/**
 * Opens a SQLite file that several processes may use at once: write-ahead log, readable by its owner alone, in a folder
 * that is made where it is missing. `:memory:` is a database of this connection's own.
 * @throws HoldfastError STORE_UNUSABLE where somebody else could read, change or exchange the file
 */
export function openDatabase(
  path: string,
  { busyTimeoutMs = 1_000, durability = 'process' }: OpenDatabaseOptions = {},
): DatabaseSync {
  if (path !== ':memory:') claimFile(resolve(path))
  // Loaded here: who keeps nothing on disk does not pay for it.
  const { DatabaseSync } = require('node:sqlite') as typeof import('node:sqlite')
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    whenFree(() => database.exec('PRAGMA journal_mode = WAL'), busyTimeoutMs)
    database.exec(`PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`)
    database.exec('PRAGMA trusted_schema = OFF')
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

/** True for what SQLite says while another connection writes. */
export function isBusy(error: unknown): boolean {
  // The low byte is the primary code: 5 is SQLITE_BUSY. https://www.sqlite.org/rescode.html (2026-11-21)
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
}

/** Makes the file, or checks that the one that is there is ours alone. */
function claimFile(path: string): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const around = lstatSync(folder)
  if (!around.isDirectory()) throw unusable(folder, 'is a symbolic link')
  // A folder of root's is as good as one of ours, as long as nobody else may exchange files in it.
  checkOwner(folder, around, [0])
  if (process.geteuid !== undefined && (around.mode & 0o002) !== 0) {
    throw unusable(folder, 'can be written by everybody; name a folder of your own in it')
  }
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  // By path and never through a descriptor: closing one would drop the locks that SQLite holds in this process.
  // https://www.sqlite.org/howtocorrupt.html, 2.2 (2026-11-21)
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    const stats = lstatSync(file, { throwIfNoEntry: false })
    if (stats === undefined) continue
    if (!stats.isFile()) throw unusable(file, 'is a symbolic link or no plain file')
    checkOwner(file, stats)
    if ((stats.mode & 0o077) !== 0) chmodSync(file, 0o600)
  }
}

function checkOwner(path: string, { uid }: Stats, others: readonly number[] = []): void {
  const own = process.geteuid?.()
  if (own === undefined || uid === own || others.includes(uid)) return
  throw unusable(path, `belongs to another user (uid ${uid}, this process runs as ${own})`)
}

function unusable(path: string, why: string): HoldfastError {
  return new HoldfastError('STORE_UNUSABLE', `${path} ${why}`)
}

/** Changing to the write-ahead log does not wait for others by itself. */
function whenFree(work: () => void, busyTimeoutMs: number): void {
  for (const untilMs = performance.now() + busyTimeoutMs; ;) {
    try {
      work()
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() >= untilMs) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
