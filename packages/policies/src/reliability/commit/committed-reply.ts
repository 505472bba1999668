import { isContent, ReplyWatchers, ReplyAround } from '@holdfast/core'
import type {
  Failure,
  FinishReason,
  Frame,
  LlmCall,
  LlmReply,
  ReplyEvent,
  Usage,
} from '@holdfast/core'
import { tell } from '../call-context.ts'
import type { CallContext } from '../call-context.ts'
import type { Outcome } from '../faults/classify.ts'
import { FaultError } from '../faults/fault-error.ts'
import type { FaultName } from '../faults/faults.ts'
import { KeptEvents } from '../mid-stream/kept-events.ts'
import { interrupted } from '../mid-stream/stream-interrupted.ts'

/** Who has to know what a reply took. */
export interface EndListener {
  /** The reply is over; `usage` is undefined where it broke, or its reader left before the end. */
  ended(usage: Usage | undefined): void
}

/** A reply that has begun: what was held back comes first, then the rest as it comes. */
export class CommittedReply extends ReplyAround {
  /** Told of what is handed up: before that there are none. */
  readonly watchers: ReplyWatchers = new ReplyWatchers()
  readonly #call: LlmCall
  readonly #context: CallContext
  #lingerLeftMs: number
  /** Of a stream, what it has said. */
  readonly #kept: KeptEvents | undefined
  #held: Frame[] = []
  #handedUp = 0
  #begun = false
  /** The terminal event is in (or the error that takes its place): the body has to end soon. */
  #finished = false
  #complete = false
  /** The provider reported a failure after content, in words that not every SDK reads. */
  #failedInside = false
  #over = false
  /** The body is an answer of the format, whether or not it says anything. */
  #ofFormat = false
  /** Of the tool calls so far. */
  #callIds: Set<string> | undefined
  /** The model refuses, and somebody takes that for a failure. */
  #refused = false
  #toldBroken = false
  /** The format's reader broke: nothing is known any more, so nothing is checked. */
  #blind = false
  #usage: Usage = noUsage
  #endListener: EndListener | undefined

  constructor(call: LlmCall, reply: LlmReply, context: CallContext, lingerMs: number) {
    super(reply)
    this.failure = undefined
    this.#call = call
    this.#context = context
    this.#lingerLeftMs = lingerMs
    this.#kept = reply.streaming ? new KeptEvents() : undefined
  }

  /** Tells of the end, at once where it is over already. */
  tellEnd(listener: EndListener): void {
    if (this.#over) listener.ended(this.#usage)
    else this.#endListener = listener
  }

  /** Reads until the answer has begun, or is over, or has failed. */
  async begin(): Promise<void> {
    while (!this.#begun) {
      const frame = await this.#pull()
      if (frame === undefined) break
      this.#held.push(frame)
      if (!this.streaming || this.#blind) break
      if (!this.#begun) this.#refuseWrongFormat()
    }
    this.#refuseWholeForStream()
    if (!this.streaming) {
      this.#over = true
      this.#checkWhole()
    }
    this.#begun = true
    if (this.failure === undefined) this.#context.phase = 'content'
  }

  next(): Promise<Frame | undefined> {
    if (this.#handedUp < this.#held.length) {
      const frame = this.#held[this.#handedUp++]
      if (this.#handedUp === this.#held.length) {
        this.#held = []
        this.#handedUp = 0
      }
      return Promise.resolve(frame && this.watchers.pass(frame))
    }
    return this.#over ? this.#afterEnd() : this.#pull()
  }

  override cancel(reason?: unknown): Promise<void> {
    this.watchers.cancel(reason)
    // Held frames stay: a failed reply may be handed up after its transfer has ended.
    this.#tellEnded(undefined)
    this.#endWell()
    return this.reply.cancel(reason)
  }

  async #afterEnd(): Promise<undefined> {
    // Where a failed stream was closed before its end, its reader must not take what is there for an answer.
    if (this.failure !== undefined && this.#isCutOff() && !this.#toldBroken) {
      this.#toldBroken = true
      this.#endedTooEarly()
    }
    this.watchers.end()
  }

  #pull(): Promise<Frame | undefined> {
    return (this.#finished ? this.#linger() : this.reply.next()).then(this.#came, this.#broke)
  }

  readonly #came = (frame: Frame | undefined): Frame | undefined | Promise<Frame> => {
    if (frame === undefined) {
      if (this.#isCutOff()) this.#endedTooEarly()
      this.#endWell()
      return undefined
    }
    this.#watch(frame)
    return this.watchers.pass(frame)
  }

  readonly #broke = (error: unknown): undefined => {
    // Everything that the provider had to say was said.
    if (this.#complete && !this.#call.signal.aborted) {
      this.#endWell()
      return undefined
    }
    this.#over = true
    this.#tellEnded(undefined)
    throw this.#broken(error)
  }

  /** The next frame, for as long as a finished body may stay open. Only time spent waiting counts. */
  async #linger(): Promise<Frame | undefined> {
    const sinceMs = performance.now()
    const next = this.reply.next()
    let timer: NodeJS.Timeout | undefined
    const closing = new Promise<typeof closed>((resolve) => {
      timer = setTimeout(resolve, this.#lingerLeftMs, closed)
    })
    try {
      const frame = await Promise.race([next, closing])
      if (frame !== closed) return frame
      next.catch(() => {})
      void this.reply.cancel()
      return undefined
    } finally {
      clearTimeout(timer)
      this.#lingerLeftMs -= performance.now() - sinceMs
    }
  }

  #watch(frame: Frame): void {
    if (this.#blind) return
    let events: readonly ReplyEvent[]
    try {
      events = frame.events
    } catch {
      this.#blind = true
      this.#usage = noUsage
      this.#begun = true
      return
    }
    this.#kept?.add(events)
    for (const event of events) {
      if (event.type === 'refusal-delta' && this.#context.filteredFails) this.#refused = true
      else if (isContent(event)) {
        this.#content()
        if (event.type === 'tool-call-start') this.#calls(event.id)
      } else if (event.type === 'finish') this.#finish(event)
      else if (event.type === 'error') this.#fail(event.failure)
      else if (event.type === 'message-start') this.#ofFormat = true
      else if (event.type === 'usage') {
        this.#ofFormat = true
        this.#usage = this.#usage === noUsage ? event.usage : { ...this.#usage, ...event.usage }
      }
    }
  }

  #content(): void {
    this.#begun = true
    if (!this.#finished) return
    // Some providers put a finish reason on every chunk: then it says nothing about the end.
    this.#finished = false
    this.#lingerLeftMs = Infinity
  }

  #finish({ reason, raw }: ReplyEvent & { type: 'finish' }): void {
    // With several choices the last one's finish ends the reply; only the reader counts them.
    if (!this.#isComplete()) return
    this.#finished = this.#lingerLeftMs !== Infinity
    if (reason === 'length' && this.#callIds !== undefined) this.#flawed('cut-tool-call')
    if (this.#begun && this.streaming) return
    if (reason === 'malformed-tool-call') {
      const message = 'the model wrote a tool call that its provider could not read'
      this.failure ??= { code: raw, type: 'malformed-tool-call', message }
    } else if (this.#context.filteredFails && (this.#refused || filtered.has(reason))) {
      this.failure ??= { code: raw, type: 'filtered', message: 'a filter stopped the answer' }
    } else if (reason === 'stop' && !this.#begun && this.#call.operation === 'chat') {
      this.failure ??= { code: raw, type: 'empty-answer', message: 'the answer says nothing' }
    }
    this.#begun = true
  }

  /** What a tool gate has to know is told; the answer passes as it came. */
  #calls(id: string): void {
    const ids = (this.#callIds ??= new Set())
    // Gemini gives none, and tells its calls apart by their places.
    if (id !== '' && ids.has(id)) this.#flawed('duplicate-tool-call-ids')
    ids.add(id)
  }

  #flawed(fault: FaultName): void {
    tell(this.#call, { type: 'reply-flawed', fault })
  }

  #fail(failure: Failure): void {
    // The end mark itself is not handed up: SDKs would take what they have for the answer.
    if (failure.type === 'unfinished') {
      void this.reply.cancel()
      // In one piece with the content before it, none of it has been handed up yet.
      if (this.#context.phase !== 'content') this.#begun = false
      this.#endedTooEarly()
    }
    this.#finished = this.#lingerLeftMs !== Infinity
    if (this.#begun && this.streaming) {
      this.#failedInside = true
      this.#tellBroken({ failure, insideReply: true })
      return
    }
    this.failure ??= failure
    this.#begun = true
  }

  /** True where the end of the body is no end of an answer: nothing must look like a whole one. */
  #isCutOff(): boolean {
    if (!this.streaming || this.#blind || this.status >= 400) return false
    return this.#failedInside || !this.#isComplete()
  }

  #isComplete(): boolean {
    return (this.#complete ||= this.reply.complete())
  }

  /** HTML or nonsense in place of a stream shows before any content. */
  #refuseWrongFormat(): void {
    const problem = this.reply.problem()
    if (problem !== undefined) throw this.#invalid('invalid-body', problem)
  }

  /** A whole answer in place of a stream: SDKs read nothing from it and take that for an empty answer. */
  #refuseWholeForStream(): void {
    const first = this.#held[0]?.bytes
    if (!this.streaming || first === undefined || !startsWithBrace(first)) return
    if (this.headers.get('content-type')?.startsWith('application/json') !== true) return
    if (this.failure === undefined) {
      throw this.#invalid('invalid-body', 'a whole answer came in place of a stream')
    }
    // An error that calls itself 200: SDKs would read a stream without events.
    this.status = this.failure.status ?? 500
  }

  #checkWhole(): void {
    if (this.#blind) return
    if (this.failure !== undefined) {
      // An error that calls itself 200: SDKs would take it for an answer without content.
      if (!this.#isComplete()) this.status = this.failure.status ?? 500
      return
    }
    const problem = this.reply.problem()
    if (problem !== undefined) {
      throw this.#invalid(this.#ofFormat ? 'no-answer' : 'invalid-body', problem)
    }
    if (this.#call.operation === 'chat' && !this.#isComplete()) {
      throw this.#invalid('no-answer', 'it holds no finished answer')
    }
  }

  #endWell(): void {
    if (this.#over) return
    this.#over = true
    this.#tellEnded(this.#usage)
    this.watchers.end()
    if (this.failure === undefined && !this.#toldBroken) this.#context.finished?.()
  }

  #tellEnded(usage: Usage | undefined): void {
    this.#endListener?.ended(usage)
    this.#endListener = undefined
  }

  #endedTooEarly(): never {
    this.#over = true
    this.#tellEnded(undefined)
    if (!this.#begun) this.#refuseWrongFormat()
    const { host } = this.#call
    const error = new FaultError(
      'STREAM_INCOMPLETE',
      this.#begun ? 'incomplete-after-content' : 'incomplete',
      `${host} ended the stream without its terminal event; the answer is cut off`,
    )
    throw this.#broken(error)
  }

  #invalid(fault: 'invalid-body' | 'no-answer', problem: string): FaultError {
    const { host } = this.#call
    return new FaultError(
      'REPLY_INVALID',
      fault,
      `${host} answered ${this.status}, but the body is no usable reply: ${problem}`,
    )
  }

  /** Tells that the reply broke where it was handed up already; the error to throw. */
  #broken(cause: unknown): unknown {
    const error = this.#errorOf(cause)
    this.watchers.error(error)
    return error
  }

  #errorOf(error: unknown): unknown {
    if (!this.#begun || this.failure !== undefined) return error
    this.#tellBroken({ error })
    if (this.#kept === undefined || this.#call.signal.aborted) return error
    const fault = this.#context.verdict?.fault.name ?? 'unknown-error'
    return interrupted(this.#call.host, fault, this.#kept, error)
  }

  /** A reply that breaks after it was handed up is nobody's failed attempt any more; it is told apart. */
  #tellBroken(outcome: Outcome): void {
    if (this.#toldBroken || this.#call.signal.aborted) return
    this.#toldBroken = true
    this.#context.broken?.(outcome)
  }
}

const closed = Symbol('closed')
const noUsage: Usage = {}
const filtered: ReadonlySet<FinishReason> = new Set(['content-filter', 'refusal'])

function startsWithBrace(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte > 0x20) return byte === 0x7b
  return false
}
