import { randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/core'
import type { AuditRow } from '../entry.ts'
import { noHash, writeRow } from '../row-line.ts'
import { partName, segmentName } from '../segment-files.ts'
import { openEnds } from './links.ts'

/** How far a segment has come. */
export interface SegmentEnd {
  readonly segment: string
  readonly rows: number
  /** Of the last row. */
  readonly hash: string
}

type RowContent = AuditRow extends infer Row
  ? Row extends AuditRow
    ? Omit<Row, 'seq' | 'at'>
    : never
  : never

export interface SegmentOptions {
  readonly folder: string
  readonly key: KeyObject | undefined
  /** A file that has become so long is followed by another one. */
  readonly maxBytes: number
  readonly now: () => number
}

/**
 * The chain of rows that this process writes; nobody else writes to its files. A row is there, for whoever looks into
 * the file, when `append` returns, also after `kill -9`.
 */
export class Segment {
  readonly name: string
  readonly #options: SegmentOptions
  #file: number
  #part = 1
  #bytes = 0
  #rows = 0
  #hash = noHash
  /** A piece of a row stands at the end that nobody could take back. */
  #isTorn = false

  constructor(options: SegmentOptions) {
    const { folder, now } = options
    this.#options = options
    this.name = segmentName(now(), process.pid, randomBytes(4).toString('hex'))
    const links = openEnds(folder)
    this.#file = this.#open()
    this.append({ kind: 'segment-opened', segment: this.name, pid: process.pid, links })
  }

  get end(): SegmentEnd {
    return { segment: this.name, rows: this.#rows, hash: this.#hash }
  }

  /** @throws HoldfastError AUDIT_UNUSABLE where the row could not be written; then it is not there in part either */
  append(content: RowContent): void {
    const at = new Date(this.#options.now()).toISOString()
    const row = { seq: this.#rows, at, ...content } as AuditRow
    const { line, hash } = writeRow(row, this.#hash, this.#options.key)
    try {
      this.#write(Buffer.from(line))
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new HoldfastError('AUDIT_UNUSABLE', `the audit log cannot be written: ${why}`, {
        cause,
      })
    }
    this.#rows++
    this.#hash = hash
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(line: Buffer): void {
    if (this.#isTorn) this.#cut()
    if (this.#bytes > 0 && this.#bytes + line.length > this.#options.maxBytes) this.#rotate()
    let written = 0
    try {
      // One write: a process that is killed leaves the whole row or none, but for one that crosses a page.
      written = writeSync(this.#file, line)
      if (written < line.length) throw new Error('the disk is full')
    } catch (error) {
      this.#isTorn = true
      this.#cut()
      throw error
    }
    this.#bytes += written
  }

  /** Takes back what was written of a row. */
  #cut(): void {
    ftruncateSync(this.#file, this.#bytes)
    this.#isTorn = false
  }

  #rotate(): void {
    this.#part++
    try {
      const next = this.#open()
      closeSync(this.#file)
      this.#file = next
      this.#bytes = 0
    } catch (error) {
      this.#part--
      throw error
    }
  }

  #open(): number {
    const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
    // A new file or none: nobody can have put one here, nor a link to somewhere else.
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | (O_NOFOLLOW ?? 0)
    return openSync(join(this.#options.folder, partName(this.name, this.#part)), flags, 0o600)
  }
}
