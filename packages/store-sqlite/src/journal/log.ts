import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fstatSync,
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

/**
 * So much room is made at once: writing over bytes that are there already takes the kernel two thirds of the time. Made in
 * pieces of 64 kB each byte of it would cost two thirds more.
 */
const room = Buffer.alloc(256 * 1024)

/** A file that one process appends to. What a write has returned outlives the process. Zeros stand behind that. */
export class Log {
  /** Names the file in its folder. */
  readonly name: string = randomUUID()
  /** How many runs are recorded here now. */
  users = 0
  isClosed = false
  readonly #folder: string
  #file: number | undefined
  #bytes = 0
  /** How long the file is. */
  #fileBytes = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** How much was written. */
  get bytes(): number {
    return this.#bytes
  }

  /** False where somebody has tidied it away: what is written now would not be found. */
  get isThere(): boolean {
    return this.#file === undefined || fstatSync(this.#file).nlink > 0
  }

  /**
   * Writes so many bytes.
   * @throws where not all of it could be written; the next write goes over that, and nobody reads it meanwhile
   */
  write(bytes: Buffer, length: number): void {
    if (this.isClosed) throw new Error(`log ${this.name} is closed`)
    const file = (this.#file ??= this.#open())
    const end = this.#bytes + length
    if (end > this.#fileBytes) {
      writeSync(file, room, 0, room.length, this.#fileBytes)
      this.#fileBytes = Math.max(this.#fileBytes + room.length, end)
    }
    const written = writeSync(file, bytes, 0, length, this.#bytes)
    if (written < length) {
      throw new Error(`of ${length} bytes ${written} were written: the disk is full`)
    }
    this.#bytes = end
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.isClosed = true
  }

  #open(): number {
    claimFolder(this.#folder)
    return openSync(join(this.#folder, this.name), 'wx', 0o600)
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
