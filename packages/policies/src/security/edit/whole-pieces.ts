import { WholeEvents } from '../../reliability/mid-stream/whole-events.ts'

/** Lets a stream pass in pieces that a client can read, so that what is written anew begins where one ends. */
export interface PieceSplitter {
  /** The bytes that can be handed up. */
  take(bytes: Uint8Array): Uint8Array
  /** What comes is written anew, from the next event on: what has to be handed up before. */
  leave(): Uint8Array
  /** Bytes that are not handed up, because they were written anew. */
  skip(bytes: Uint8Array): void
  /** What was held back. */
  rest(): Uint8Array
  /** True where the bytes that came last end with a piece. */
  readonly isBetween: boolean
}

/** True for streams whose pieces can be told apart: all but those that are one JSON. */
export function hasPieces(contentType: string | null): boolean {
  return !/^application\/json\b/i.test(contentType ?? '')
}

/** For streams of a content type; servers that say nothing of theirs, or something wrong, send events. */
export function pieceSplitter(contentType: string | null): PieceSplitter {
  if (contentType?.includes('vnd.amazon.eventstream') === true) return new Pieces(messagesEnd)
  if (contentType?.includes('ndjson') === true) return new Pieces(linesEnd)
  return new Events()
}

/** Server-sent events. */
class Events implements PieceSplitter {
  readonly #events = new WholeEvents()
  #between = true

  get isBetween(): boolean {
    return this.#between
  }

  take(bytes: Uint8Array): Uint8Array {
    // Events without bytes came out at the end of the body: what was held back was an event after all.
    if (bytes.length === 0) return Buffer.concat([this.#events.rest(), emptyLine])
    return this.#events.take(bytes)
  }

  leave(): Uint8Array {
    return this.#events.lastEvent()
  }

  skip(bytes: Uint8Array): void {
    this.#events.take(bytes)
    this.#between = this.#events.rest().length === 0
  }

  rest(): Uint8Array {
    return this.#events.rest()
  }
}

/** Formats whose pieces end where a look at the bytes says so. */
class Pieces implements PieceSplitter {
  readonly #endOf: (bytes: Uint8Array) => number
  #rest: Uint8Array = noBytes

  constructor(endOf: (bytes: Uint8Array) => number) {
    this.#endOf = endOf
  }

  get isBetween(): boolean {
    return this.#rest.length === 0
  }

  take(bytes: Uint8Array): Uint8Array {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const end = this.#endOf(all)
    this.#rest = all.subarray(end)
    return all.subarray(0, end)
  }

  leave(): Uint8Array {
    return noBytes
  }

  skip(bytes: Uint8Array): void {
    this.take(bytes)
  }

  rest(): Uint8Array {
    const rest = this.#rest
    this.#rest = noBytes
    return rest
  }
}

function linesEnd(bytes: Uint8Array): number {
  return bytes.lastIndexOf(10) + 1
}

/** Each message of an AWS event stream begins with its length. */
function messagesEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + 4 <= bytes.length) {
    const next = at + view.getUint32(at)
    if (next <= at || next > bytes.length) break
    at = next
  }
  return at
}

const noBytes = new Uint8Array(0)
const emptyLine = Buffer.from('\n\n')
