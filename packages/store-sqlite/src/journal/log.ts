import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import { erasedParts, framesOf } from './frames.ts'
import type { Frame } from './frames.ts'

/** A file that one process appends to. What a write has returned outlives the process. */
export class Log {
  /** Names the file in its folder. */
  readonly name: string = randomUUID()
  /** How many runs are recorded here now. */
  users = 0
  isClosed = false
  readonly #folder: string
  #file: number | undefined
  #bytes = 0
  /** A piece of a write is at its end that nobody could take back: what came behind it would not be found. */
  #isBroken = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** How long it is. */
  get bytes(): number {
    return this.#bytes
  }

  /** False where somebody has tidied it away: what is written now would not be found. */
  get isThere(): boolean {
    return this.#file === undefined || fstatSync(this.#file).nlink > 0
  }

  /** @throws where not all of it could be written; then nothing was */
  write(bytes: Buffer): void {
    if (this.#isBroken || this.isClosed) throw new Error(`log ${this.name} is broken`)
    this.#file ??= this.#open()
    let written: number
    try {
      written = writeSync(this.#file, bytes)
    } catch (error) {
      this.#cut()
      throw error
    }
    if (written < bytes.length) {
      this.#cut()
      throw new Error(`of ${bytes.length} bytes ${written} were written: the disk is full`)
    }
    this.#bytes += written
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.isClosed = true
  }

  #open(): number {
    claimFolder(this.#folder)
    return openSync(join(this.#folder, this.name), 'ax', 0o600)
  }

  /** Takes back the part of a write that was made. */
  #cut(): void {
    try {
      if (this.#file !== undefined) ftruncateSync(this.#file, this.#bytes)
    } catch {
      this.#isBroken = true
    }
  }
}

/** What one owner of a run has put into a log, of this process or another one; nothing where there is no such log. */
export function readLog(folder: string, name: string, place: number): Frame[] {
  try {
    return framesOf(readFileSync(join(folder, name)), place)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Makes what one owner of a run has put into a log unreadable. */
export function eraseFromLog(folder: string, name: string, place: number): void {
  const path = join(folder, name)
  let file: number
  try {
    file = openSync(path, 'r+')
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  try {
    for (const { start, end } of erasedParts(readFileSync(path), place)) {
      writeSync(file, Buffer.alloc(end - start), 0, end - start, start)
    }
  } finally {
    closeSync(file)
  }
}

/** The names that logs have; what else is in the folder is somebody else's. */
const logName = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** The logs of all processes. */
export function logsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => logName.test(name))
  } catch {
    return []
  }
}

export function removeLog(folder: string, name: string): void {
  try {
    unlinkSync(join(folder, name))
  } catch {
    // Somebody else was faster, or it was never written to.
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function claimFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stats = lstatSync(folder)
  const own = process.geteuid?.()
  const isOurs = own === undefined || (stats.uid === own && (stats.mode & 0o022) === 0)
  if (!stats.isDirectory() || !isOurs) {
    throw new HoldfastError(
      'STORE_UNUSABLE',
      `${folder} is a symbolic link, belongs to another user or can be written by others`,
    )
  }
}
