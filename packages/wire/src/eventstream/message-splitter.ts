import { checksum } from './checksum.ts'

/** One message of an event stream of AWS: its headers, as far as they are text, and its payload. */
export interface EventMessage {
  readonly headers: ReadonlyMap<string, string>
  readonly payload: Uint8Array
}

// https://smithy.io/2.0/aws/amazon-eventstream.html (2026-11-21): lengths, checksum of the lengths, headers, payload,
// checksum of everything before. Numbers are big-endian.
const preludeBytes = 12
const checksumBytes = 4
const mostBytes = 24 * 1024 * 1024
const textDecoder = new TextDecoder()
const noBytes = new Uint8Array(0)

/** Takes the messages out of an event stream of AWS that arrives in pieces, cut anywhere. */
export class MessageSplitter {
  readonly #message: (message: EventMessage) => void
  #pending: Uint8Array = noBytes
  /** What came since, joined only when a message is all there: large messages are not copied over and over. */
  #pieces: Uint8Array[] = []
  #bytes = 0
  /** Length of the message that is under way, once it is known. */
  #wanted = preludeBytes
  /** Most messages have the headers of the one before, byte by byte. */
  #headerBytes: Uint8Array = noBytes
  #headers: ReadonlyMap<string, string> = new Map()
  /** True once bytes came that are no such stream; nothing is read any more. */
  damaged = false

  constructor(message: (message: EventMessage) => void) {
    this.#message = message
  }

  /** True where the stream has ended inside of a message. */
  get open(): boolean {
    return this.#bytes > 0
  }

  push(piece: Uint8Array): void {
    if (this.damaged || piece.length === 0) return
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#bytes < this.#wanted) return
    this.#pending = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces, this.#bytes)
    this.#read()
    this.#pieces = this.#pending.length === 0 ? [] : [this.#pending]
    this.#bytes = this.#pending.length
    this.#pending = noBytes
  }

  #read(): void {
    let at = 0
    for (;;) {
      const left = this.#pending.length - at
      this.#wanted = preludeBytes
      if (left < preludeBytes) break
      const view = viewOf(this.#pending, at)
      const length = view.getUint32(0)
      const headersLength = view.getUint32(4)
      const prelude = this.#pending.subarray(at, at + 8)
      if (
        length > mostBytes ||
        headersLength > length - preludeBytes - checksumBytes ||
        view.getUint32(8) !== checksum(prelude)
      ) {
        this.damaged = true
        break
      }
      this.#wanted = length
      if (left < length) break
      const end = at + length - checksumBytes
      if (view.getUint32(length - checksumBytes) !== checksum(this.#pending.subarray(at, end))) {
        this.damaged = true
        break
      }
      const headersAt = at + preludeBytes
      const payloadAt = headersAt + headersLength
      const headers = this.#readHeaders(this.#pending.subarray(headersAt, payloadAt))
      this.#message({ headers, payload: this.#pending.subarray(payloadAt, end) })
      at += length
    }
    this.#pending = this.damaged ? noBytes : this.#pending.subarray(at)
  }

  #readHeaders(bytes: Uint8Array): ReadonlyMap<string, string> {
    if (Buffer.compare(bytes, this.#headerBytes) !== 0) {
      this.#headerBytes = bytes.slice()
      this.#headers = readHeaders(bytes)
    }
    return this.#headers
  }
}

const textType = 7
/** Bytes that a header value of each type takes; types 6 and 7 bring their own length. */
const valueBytes = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16]

function readHeaders(bytes: Uint8Array): Map<string, string> {
  const headers = new Map<string, string>()
  const view = viewOf(bytes, 0)
  let at = 0
  while (at + 2 <= bytes.length) {
    const nameEnd = at + 1 + view.getUint8(at)
    if (nameEnd >= bytes.length) break
    const name = textDecoder.decode(bytes.subarray(at + 1, nameEnd))
    const type = view.getUint8(nameEnd)
    const fixed = valueBytes[type]
    if (fixed === undefined) break
    let start = nameEnd + 1
    let length = fixed
    if (fixed < 0) {
      if (start + 2 > bytes.length) break
      length = view.getUint16(start)
      start += 2
    }
    at = start + length
    if (type === textType) headers.set(name, textDecoder.decode(bytes.subarray(start, at)))
  }
  return headers
}

function viewOf(bytes: Uint8Array, from: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + from)
}
