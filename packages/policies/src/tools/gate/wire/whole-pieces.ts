import { WholeEvents } from '../../../reliability/mid-stream/whole-events.ts'

/** Lets the events of a stream pass and holds back the beginning of one, as its content type cuts them. */
export interface WholePieces {
  /** The bytes that can be handed up: up to the end of the last whole event. */
  take(bytes: Uint8Array): Uint8Array
  /** Nothing is held back. */
  readonly isEmpty: boolean
  /** A cheap look: true where nothing is held back, and nothing of these bytes would be. */
  passes(bytes: Uint8Array): boolean
  /** What was held back; nothing is held afterwards. */
  rest(): Uint8Array
  /** Where each of the whole events in these bytes ends. */
  ends(bytes: Uint8Array): readonly number[]
}

/** How the events of a stream are told apart. A stream of an unknown kind is held back to its end. */
export function wholePieces(contentType: string | null): WholePieces {
  if (contentType?.includes('event-stream') === true) return new ServerSentEvents()
  if (contentType?.includes('ndjson') === true) return new Cut(lineEnds)
  if (contentType?.includes('amazon.eventstream') === true) return new Cut(messageEnds)
  return new Unknown()
}

class ServerSentEvents implements WholePieces {
  readonly #events = new WholeEvents()
  #held = 0

  get isEmpty(): boolean {
    return this.#held === 0
  }

  passes(bytes: Uint8Array): boolean {
    const { length } = bytes
    if (this.#held > 0 || bytes[length - 1] !== 10) return false
    return bytes[length - 2] === 10 || (bytes[length - 2] === 13 && bytes[length - 3] === 10)
  }

  take(bytes: Uint8Array): Uint8Array {
    // As good as every piece of every provider ends with an event.
    if (this.passes(bytes)) return bytes
    const { length } = bytes
    const taken = this.#events.take(bytes)
    this.#held += length - taken.length
    return taken
  }

  rest(): Uint8Array {
    this.#held = 0
    return this.#events.rest()
  }

  ends(bytes: Uint8Array): readonly number[] {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    return [...text.matchAll(/\r\n\r\n|\n\n|\r\r/g)].map(({ index, 0: end }) => index + end.length)
  }
}

/** Some servers say nothing of their streams, or something wrong: they are taken for what they look like. */
class Unknown implements WholePieces {
  #kind: WholePieces | undefined

  get isEmpty(): boolean {
    return this.#kind?.isEmpty ?? true
  }

  passes(bytes: Uint8Array): boolean {
    return this.#kind?.passes(bytes) ?? false
  }

  take(bytes: Uint8Array): Uint8Array {
    if (this.#kind === undefined && bytes.length > 0) {
      const isEvents = /^\s*(?:data|event|id|retry)?:/.test(
        Buffer.from(bytes.subarray(0, 64)).toString(),
      )
      this.#kind = isEvents ? new ServerSentEvents() : new Cut(() => [])
    }
    return this.#kind?.take(bytes) ?? bytes
  }

  rest(): Uint8Array {
    return this.#kind?.rest() ?? noBytes
  }

  ends(bytes: Uint8Array): readonly number[] {
    return this.#kind?.ends(bytes) ?? []
  }
}

class Cut implements WholePieces {
  readonly #ends: (bytes: Uint8Array) => readonly number[]
  #rest: Uint8Array = noBytes

  constructor(ends: (bytes: Uint8Array) => readonly number[]) {
    this.#ends = ends
  }

  take(bytes: Uint8Array): Uint8Array {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const end = this.#ends(all).at(-1) ?? 0
    this.#rest = all.subarray(end)
    return end === all.length ? all : all.subarray(0, end)
  }

  get isEmpty(): boolean {
    return this.#rest.length === 0
  }

  passes(): boolean {
    return false
  }

  rest(): Uint8Array {
    const rest = this.#rest
    this.#rest = noBytes
    return rest
  }

  ends(bytes: Uint8Array): readonly number[] {
    return this.#ends(bytes)
  }
}

const noBytes = new Uint8Array(0)

function lineEnds(bytes: Uint8Array): readonly number[] {
  const ends: number[] = []
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) ends.push(at + 1)
  return ends
}

/** Each message of Amazon's event streams begins with its own length. */
function messageEnds(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ends: number[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = view.getUint32(at)
    at += length
    if (length < 16 || at > bytes.length) break
    ends.push(at)
  }
  return ends
}
