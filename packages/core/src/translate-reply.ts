import type { LlmCall } from './call.ts'
import type { CallEvent } from './call-event.ts'
import type { ReplyEvent } from './event.ts'
import { HoldfastError } from './errors.ts'
import type { Failure } from './failure.ts'
import { httpHeaders } from './http.ts'
import type { HttpHeaders } from './http.ts'
import { ReplyAround } from './reply.ts'
import type { Frame, LlmReply } from './reply.ts'
import type { ReplyWriter } from './wire-format.ts'

/**
 * The reply of a provider that speaks another format, in the format that the application asked in: the same events,
 * other bytes. Frame by frame, nothing is read ahead; an error answer keeps its status and gets a body in which the
 * application's SDK finds what it looks for.
 * @throws TypeError where the asked format is only read.
 */
export function translateReply(reply: LlmReply, asked: LlmCall): LlmReply {
  return new TranslatedReply(reply, asked)
}

class TranslatedReply extends ReplyAround {
  readonly #asked: LlmCall
  readonly #writer: ReplyWriter
  #toldLosses = 0
  #ended = false
  /** Choices that have not come to their end, and whether they call tools. */
  readonly #open = new Map<number, 'stop' | 'tool-calls'>()

  constructor(reply: LlmReply, asked: LlmCall) {
    super(reply)
    const { format, model, request } = asked
    const streaming = reply.streaming && reply.status < 400
    const writer = format.replyWriter?.({ streaming, model, request, foreign: true })
    if (writer === undefined) throw new TypeError(`${format.name} is only read`)
    this.headers = headersFor(reply.headers, writer.contentType)
    this.streaming = streaming
    this.#asked = asked
    this.#writer = writer
  }

  async next(): Promise<Frame | undefined> {
    if (this.#ended) return undefined
    if (this.streaming) return this.#nextPiece()
    this.#ended = true
    return this.failure !== undefined && this.status >= 400
      ? this.#error(this.failure)
      : this.#whole()
  }

  override cancel(reason?: unknown): Promise<void> {
    return this.reply.cancel(reason)
  }

  async #nextPiece(): Promise<Frame | undefined> {
    const frame = await this.reply.next()
    if (frame !== undefined) return { bytes: this.#write(frame.events), events: frame.events }
    this.#ended = true
    const bytes = this.#end()
    return bytes.byteLength === 0 ? undefined : { bytes, events: noEvents }
  }

  async #whole(): Promise<Frame> {
    const events: ReplyEvent[] = []
    const pieces: Uint8Array[] = []
    for (let frame = await this.reply.next(); frame; frame = await this.reply.next()) {
      events.push(...frame.events)
      pieces.push(this.#write(frame.events))
    }
    const problem = this.problem()
    if (problem !== undefined) {
      throw new HoldfastError('REPLY_INVALID', `The body is no usable reply: ${problem}`)
    }
    return { bytes: Buffer.concat([...pieces, this.#end()]), events }
  }

  #error(failure: Failure): Frame {
    const bytes = this.#writer.write({
      type: 'error',
      failure: { ...failure, status: this.status },
    })
    return { bytes: Buffer.concat([bytes, this.#writer.end()]), events: noEvents }
  }

  #write(events: readonly ReplyEvent[]): Uint8Array {
    const pieces = events.map((event) => {
      if (event.type === 'finish') this.#open.delete(event.choice)
      else if (event.type === 'tool-call-start') this.#open.set(event.choice, 'tool-calls')
      else if (event.type === 'text-delta' && !this.#open.has(event.choice)) {
        this.#open.set(event.choice, 'stop')
      }
      return this.#writer.write(event)
    })
    this.#tellLosses()
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
  }

  #end(): Uint8Array {
    const pieces: Uint8Array[] = []
    // Some servers end well without saying how.
    if (this.#open.size > 0 && this.complete()) {
      for (const [choice, reason] of this.#open) {
        pieces.push(this.#writer.write({ type: 'finish', choice, reason, raw: '' }))
      }
    }
    pieces.push(this.#writer.end())
    this.#tellLosses()
    return Buffer.concat(pieces)
  }

  #tellLosses(): void {
    const { losses = [] } = this.#writer
    for (; this.#toldLosses < losses.length; this.#toldLosses++) {
      const loss = losses[this.#toldLosses]
      if (loss !== undefined) this.#tell({ type: 'content-dropped', to: 'the application', loss })
    }
  }

  #tell(event: CallEvent): void {
    try {
      this.#asked.emit(event)
    } catch {
      // Whoever listens reports its own bugs; a reply never fails because of them.
    }
  }
}

const noEvents: readonly ReplyEvent[] = []

/** Of the other provider's headers only what the application's SDK acts on, and what support asks for. */
const kept = ['retry-after', 'retry-after-ms', 'x-should-retry', 'request-id', 'x-request-id']

function headersFor(headers: HttpHeaders, contentType: string): HttpHeaders {
  const pairs = kept.flatMap((name): [string, string][] => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return httpHeaders([...pairs, ['content-type', contentType]])
}
