import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { claimFile } from '@holdfast/core'

const require = createRequire(import.meta.url)

/** How a database file is opened. */
export interface OpenDatabaseOptions {
  /** How long a statement waits for another connection's write; the thread stands still meanwhile. @default 1_000 */
  readonly busyTimeoutMs?: number
  /** What a commit outlives: the process (`kill -9`), or a power cut too, which waits for the disk. @default 'process' */
  readonly durability?: 'process' | 'power'
  /** Extensions may be loaded, where this Node allows it and once `enableLoadExtension` is called. @default false */
  readonly extensions?: boolean
}

/**
 * Opens a SQLite file that several processes may use at once: write-ahead log, readable by its owner alone, in a folder
 * that is made where it is missing. `:memory:` is a database of this connection's own.
 * @throws HoldfastError STORE_UNUSABLE where somebody else could read, change or exchange the file
 */
export function openDatabase(
  path: string,
  { busyTimeoutMs = 1_000, durability = 'process', extensions = false }: OpenDatabaseOptions = {},
): DatabaseSync {
  if (path !== ':memory:') claimFile(resolve(path), ['-wal', '-shm', '-journal'])
  // Loaded here: who keeps nothing on disk does not pay for it.
  const { DatabaseSync } = require('node:sqlite') as typeof import('node:sqlite')
  const open = (allowExtension: boolean) =>
    new DatabaseSync(path, { timeout: busyTimeoutMs, allowExtension })
  const database = extensions ? openExtensible(open) : open(false)
  try {
    whenFree(() => database.exec('PRAGMA journal_mode = WAL'))
    database.exec(`PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`)
    database.exec('PRAGMA trusted_schema = OFF')
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

/** Under Node's permission model no extension may be loaded. */
function openExtensible(open: (allowExtension: boolean) => DatabaseSync): DatabaseSync {
  try {
    const database = open(true)
    database.enableLoadExtension(false)
    return database
  } catch {
    return open(false)
  }
}

/** True for what SQLite says while another connection writes. */
export function isBusy(error: unknown): boolean {
  // The low byte is the primary code: 5 is SQLITE_BUSY. https://www.sqlite.org/rescode.html (2026-11-21)
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
}

/**
 * Does what is done once, when a file is opened: others who open it at the same time are waited for, however short a
 * time each statement waits later. Changing to the write-ahead log does not wait by itself.
 */
export function whenFree(work: () => void): void {
  for (const untilMs = performance.now() + openingMs; ;) {
    try {
      work()
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() >= untilMs) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

const openingMs = 5_000
