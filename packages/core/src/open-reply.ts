import type { LlmCall } from './call.ts'
import type { ReplyEvent } from './event.ts'
import type { Failure } from './failure.ts'
import type { HttpHeaders, HttpResponse } from './http.ts'
import type { Frame, LlmReply } from './reply.ts'
import type { ReplyReader } from './wire-format.ts'

const noBytes = new Uint8Array(0)
const noEvents: readonly ReplyEvent[] = []
// A first piece of so much is cut behind the event that has so many bytes in front of it.
const manyBytes = 8 * 1_024
const fewBytes = 1_024

/**
 * Reads a response as the reply to a call. An error answer is read in full here, so that everybody further out
 * knows its failure; anything else is left where it is until somebody pulls.
 */
export async function openReply(call: LlmCall, response: HttpResponse): Promise<LlmReply> {
  if (response.status < 400) return new OpenedReply(call, response, undefined)
  return new OpenedReply(call, response, (await response.body?.readAll()) ?? noBytes)
}

class OpenedReply implements LlmReply {
  readonly status: number
  readonly statusText: string
  readonly headers: HttpHeaders
  readonly streaming: boolean
  readonly failure: Failure | undefined
  readonly response: HttpResponse
  readonly #call: LlmCall
  /** The body of an error answer. */
  readonly #errorBody: Uint8Array | undefined
  #reader: ReplyReader | undefined
  /** Frames handed out whose events nobody has asked for yet: the reader must see bytes in order. */
  #pending: OpenedFrame[] = []
  #handedOut = false
  /** What came together with the first events, and is handed out after them. */
  #kept: Uint8Array | undefined
  #ended = false
  #endEvents: readonly ReplyEvent[] | undefined

  constructor(call: LlmCall, response: HttpResponse, errorBody: Uint8Array | undefined) {
    const { status, headers } = response
    this.status = status
    this.statusText = response.statusText
    this.headers = headers
    this.streaming = call.streaming && errorBody === undefined
    this.failure = errorBody && call.format.readFailure(status, headers, errorBody)
    this.response = response
    this.#call = call
    this.#errorBody = errorBody
  }

  next(): Promise<Frame | undefined> {
    return this.streaming ? this.#nextPiece() : this.#whole()
  }

  complete(): boolean {
    return this.#parsePending().complete
  }

  problem(): string | undefined {
    return this.#parsePending().problem
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#kept = undefined
    await this.response.body?.cancel(reason)
  }

  eventsOf(frame: OpenedFrame): readonly ReplyEvent[] {
    if (this.#errorBody !== undefined) return noEvents
    if (frame.parsed === undefined || (frame.last && this.#endEvents === undefined))
      this.#parsePending()
    const events = frame.parsed ?? noEvents
    const more = frame.last ? this.#endEvents : undefined
    return more === undefined || more.length === 0 ? events : [...events, ...more]
  }

  #nextPiece(): Promise<Frame | undefined> {
    if (this.#kept !== undefined) {
      const kept = this.#kept
      this.#kept = undefined
      return Promise.resolve(this.#piece(kept))
    }
    const { body } = this.response
    return body === undefined ? Promise.resolve(this.#rest()) : body.read().then(this.#piece)
  }

  readonly #piece = (bytes: Uint8Array | undefined): Frame | undefined => {
    if (bytes === undefined) return this.#rest()
    const frame = new OpenedFrame(this, this.#handedOut ? bytes : this.#firstOf(bytes), false)
    this.#handedOut = true
    this.#pending.push(frame)
    return frame
  }

  /** Many events may come at once: the first are not to wait until all are read. */
  #firstOf(bytes: Uint8Array): Uint8Array {
    if (bytes.length < manyBytes) return bytes
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('\n\n', fewBytes)
    const end = at + 2
    if (at < 0 || end === bytes.length) return bytes
    this.#kept = bytes.subarray(end)
    return bytes.subarray(0, end)
  }

  /** Events that only the end of a stream completes come in a frame without bytes, for who has read the others. */
  #rest(): Frame | undefined {
    if (this.#ended) return undefined
    this.#ended = true
    if (this.#reader === undefined) return undefined
    this.#parsePending()
    if (this.#endEvents === undefined || this.#endEvents.length === 0) return undefined
    return new OpenedFrame(this, noBytes, true)
  }

  async #whole(): Promise<Frame | undefined> {
    if (this.#handedOut) return undefined
    this.#handedOut = true
    const bytes = this.#errorBody ?? (await this.response.body?.readAll()) ?? noBytes
    this.#ended = true
    const frame = new OpenedFrame(this, bytes, true)
    this.#pending.push(frame)
    return frame
  }

  #parsePending(): ReplyReader {
    this.#reader ??= this.#call.format.replyReader({
      operation: this.#call.operation,
      streaming: this.streaming,
      contentType: this.headers.get('content-type'),
    })
    if (this.#pending.length > 0) {
      const frames = this.#pending
      this.#pending = []
      for (const frame of frames) frame.parsed = this.#reader.push(frame.bytes)
    }
    if (this.#ended) this.#endEvents ??= this.#reader.end()
    return this.#reader
  }
}

class OpenedFrame implements Frame {
  readonly bytes: Uint8Array
  /** The end of the body completes events of this frame too. */
  readonly last: boolean
  parsed: readonly ReplyEvent[] | undefined
  readonly #reply: OpenedReply

  constructor(reply: OpenedReply, bytes: Uint8Array, last: boolean) {
    this.#reply = reply
    this.bytes = bytes
    this.last = last
    this.parsed = undefined
  }

  get events(): readonly ReplyEvent[] {
    return this.#reply.eventsOf(this)
  }
}
