import { randomBytes } from 'node:crypto'
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { usualPath } from '../journal/open-journal.ts'
import { keepOutOfGit } from '../keep-out-of-git.ts'

/**
 * A key that is made once and kept in a file beside the journal's; for a journal on a server, in this machine's usual
 * folder.
 * @throws HoldfastError STORE_UNUSABLE for a file that somebody else could have put there
 */
export function keptKey(store: string | undefined): Buffer {
  const beside = store === undefined || /^rediss?:/.test(store) ? usualPath : store
  const path = `${beside}.placeholder-key`
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    if (beside === usualPath) keepOutOfGit(dirname(path))
    else mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    put(path, randomBytes(32))
  }
  const { mode, uid, size } = lstatSync(path)
  const own = process.getuid === undefined || process.getuid() === uid
  const regular = (mode & 0o170_000) === 0o100_000
  if (own && regular && size === 32 && (process.platform === 'win32' || (mode & 0o077) === 0))
    return readFileSync(path)
  throw new HoldfastError(
    'STORE_UNUSABLE',
    `${path} is not a file of 32 bytes that only this user may read; remove it, or set security.redaction.key`,
  )
}

/** Others see the file with its content or not at all. One who came first is first. */
function put(path: string, content: Buffer): void {
  const own = { mode: 0o600, flag: 'wx' }
  const whole = `${path}.${randomBytes(8).toString('hex')}`
  writeFileSync(whole, content, own)
  try {
    linkSync(whole, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    // Not every file system has links.
    writeFileSync(path, content, own)
  } finally {
    rmSync(whole)
  }
}
