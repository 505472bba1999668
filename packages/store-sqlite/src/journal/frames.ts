import { crc32 } from 'node:zlib'
import type { JournalBlob, JournalEntry } from '@holdfast/core'
import { checksum } from './checksum.ts'

/** An entry or a blob as it stands in a log. `place` says which owner of which run has written it. */
export interface Frame {
  readonly isBlob: boolean
  /** All of it, to be kept as it is. */
  readonly bytes: Buffer
}

/** Length of what follows the first eight bytes, its checksum, place, kind and flags, name. */
const headBytes = 8
const fixedBytes = 7
const isBlobFlag = 1
const isTextFlag = 2
const hasPayloadFlag = 4
/** Frames without it have a CRC-32. */
const isHashedFlag = 8
/** seq, time, length of the data. */
const entryBytes = 16
const mostKept = 1024 * 1024

/** Writes frames one behind the other, into memory that is used again for the next ones. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024)
  #view = viewOf(this.#buffer)
  #length = 0

  /** Begins anew. What was written before is overwritten. */
  begin(): void {
    this.#length = 0
    if (this.#buffer.length > mostKept) this.#use(Buffer.allocUnsafeSlow(mostKept))
  }

  entry(place: number, { seq, kind, atMs, data, payload }: JournalEntry): void {
    const payloadBytes = payload?.byteLength ?? 0
    const start = this.#room(kind.length, mostBytes(data) + payloadBytes + entryBytes)
    const flags =
      isHashedFlag |
      (typeof data === 'string' ? isTextFlag : 0) |
      (payload === undefined ? 0 : hasPayloadFlag)
    let at = this.#head(start, place, flags, kind)
    const view = this.#view
    view.setUint32(at, seq, true)
    view.setFloat64(at + 4, atMs, true)
    const dataBytes = this.#content(data, at + entryBytes)
    view.setUint32(at + 12, dataBytes, true)
    at += entryBytes + dataBytes
    if (payload !== undefined) this.#buffer.set(payload, at)
    this.#seal(start, at + payloadBytes)
  }

  blob(place: number, { hash, content }: JournalBlob): void {
    const start = this.#room(hash.length, mostBytes(content))
    const flags = isHashedFlag | isBlobFlag | (typeof content === 'string' ? isTextFlag : 0)
    const at = this.#head(start, place, flags, hash)
    this.#seal(start, at + this.#content(content, at))
  }

  /** Holds what was written since `begin`, `length` bytes; good until the next one. */
  get buffer(): Buffer {
    return this.#buffer
  }

  get length(): number {
    return this.#length
  }

  #room(nameLength: number, mostContentBytes: number): number {
    const needed = this.#length + headBytes + fixedBytes + nameLength + mostContentBytes
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2)
      larger.set(this.#buffer.subarray(0, this.#length))
      this.#use(larger)
    }
    return this.#length
  }

  #head(start: number, place: number, flags: number, name: string): number {
    const view = this.#view
    const at = start + headBytes
    view.setUint32(at, place, true)
    view.setUint8(at + 4, flags)
    view.setUint16(at + 5, name.length, true)
    // Kinds and hashes are ASCII.
    let end = at + fixedBytes
    for (let index = 0; index < name.length; index++) view.setUint8(end++, name.charCodeAt(index))
    return end
  }

  #content(content: string | Uint8Array, at: number): number {
    if (typeof content === 'string') return this.#buffer.write(content, at)
    this.#buffer.set(content, at)
    return content.byteLength
  }

  #seal(start: number, end: number): void {
    const from = start + headBytes
    this.#view.setUint32(start, end - from, true)
    this.#view.setUint32(start + 4, checksum(this.#view, from, end), true)
    this.#length = end
  }

  #use(buffer: Buffer<ArrayBuffer>): void {
    this.#buffer = buffer
    this.#view = viewOf(buffer)
  }
}

/** The buffers are no parts of larger ones. */
function viewOf({ buffer }: Buffer<ArrayBuffer>): DataView {
  return new DataView(buffer)
}

/**
 * The frames of a place in a log, or all of a piece that was kept of one. What is behind the first one that is not
 * whole was never written.
 */
export function framesOf(bytes: Buffer, place?: number): Frame[] {
  const frames: Frame[] = []
  for (let start = 0; start + headBytes + fixedBytes <= bytes.length;) {
    const end = start + headBytes + bytes.readUInt32LE(start)
    if (end > bytes.length || end < start + headBytes + fixedBytes) break
    if (place === undefined || bytes.readUInt32LE(start + headBytes) === place) {
      const flags = bytes[start + headBytes + 4] ?? 0
      if (checkOf(bytes, flags, start + headBytes, end) !== bytes.readUInt32LE(start + 4)) break
      frames.push({ isBlob: (flags & isBlobFlag) !== 0, bytes: bytes.subarray(start, end) })
    }
    start = end
  }
  return frames
}

function checkOf(bytes: Buffer, flags: number, from: number, to: number): number {
  if ((flags & isHashedFlag) === 0) return crc32(bytes.subarray(from, to))
  return checksum(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), from, to)
}

/** Where the frames of a place say something. The rest of them is needed to find those behind. */
export function erasedParts(bytes: Buffer, place: number): { start: number; end: number }[] {
  return framesOf(bytes, place).map((frame) => {
    const start = frame.bytes.byteOffset - bytes.byteOffset
    return { start: start + headBytes + fixedBytes, end: start + frame.bytes.length }
  })
}

/** The number of the entry that a frame holds. */
export function seqOf({ bytes }: Frame): number {
  return bytes.readUInt32LE(headBytes + fixedBytes + bytes.readUInt16LE(headBytes + 5))
}

export function entryOf({ bytes }: Frame): JournalEntry {
  const { name, flags, at } = opened(bytes)
  const dataAt = at + entryBytes
  const dataEnd = dataAt + bytes.readUInt32LE(at + 12)
  return {
    seq: bytes.readUInt32LE(at),
    kind: name,
    atMs: bytes.readDoubleLE(at + 4),
    data: contentOf(bytes.subarray(dataAt, dataEnd), flags),
    ...((flags & hasPayloadFlag) === 0 ? {} : { payload: bytes.subarray(dataEnd) }),
  }
}

export function blobOf({ bytes }: Frame): JournalBlob {
  const { name, flags, at } = opened(bytes)
  return { hash: name, content: contentOf(bytes.subarray(at), flags) }
}

function opened(bytes: Buffer): { name: string; flags: number; at: number } {
  const nameAt = headBytes + fixedBytes
  const at = nameAt + bytes.readUInt16LE(headBytes + 5)
  return { name: bytes.toString('latin1', nameAt, at), flags: bytes[headBytes + 4] ?? 0, at }
}

function contentOf(bytes: Buffer, flags: number): string | Uint8Array {
  return (flags & isTextFlag) === 0 ? bytes : bytes.toString()
}

/** UTF-8 has at most three bytes for one of JavaScript's characters. */
function mostBytes(content: string | Uint8Array): number {
  return typeof content === 'string' ? content.length * 3 : content.byteLength
}
