import { chmodSync, closeSync, lstatSync, mkdirSync, openSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { dirname } from 'node:path'
import { HoldfastError } from './errors.ts'

/**
 * Makes a folder for this user alone, or checks that nobody else may exchange files in the one that is there.
 * @throws HoldfastError STORE_UNUSABLE
 */
export function claimFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) throw unusable(folder, 'is a symbolic link')
  // A folder of root's is as good as one of ours, as long as nobody else may exchange files in it.
  checkOwner(folder, stats, [0])
  if (process.geteuid !== undefined && (stats.mode & 0o002) !== 0) {
    throw unusable(folder, 'can be written by everybody; name a folder of your own in it')
  }
}

/**
 * Makes a file that this user alone may read, or checks the one that is there and closes it to others; the same for what
 * stands beside it under one of the endings.
 * @throws HoldfastError STORE_UNUSABLE where somebody else could read, change or exchange the file
 */
export function claimFile(path: string, endings: readonly string[] = []): void {
  claimFolder(dirname(path))
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  // By path and never through a descriptor: closing one would drop the locks that SQLite holds in this process.
  // https://www.sqlite.org/howtocorrupt.html, 2.2 (2026-11-21)
  for (const file of [path, ...endings.map((ending) => `${path}${ending}`)]) {
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
