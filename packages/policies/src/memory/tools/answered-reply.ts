import { HoldfastError, isContent, ReplyAround } from '@holdfast/core'
import type { Frame, LlmCall, LlmReply, Next, ReplyEvent, ReplyWriter } from '@holdfast/core'
import { tellKeptBack } from '../../kept-back.ts'
import { SameNames } from '../../reliability/mid-stream/same-names.ts'
import { callToAskAgain } from '../../tools/gate/wire/ask-again.ts'
import { isCallEvent, Proposals } from '../../tools/gate/wire/proposals.ts'
import type { Proposal } from '../../tools/gate/wire/proposals.ts'
import { wholePieces } from '../../tools/gate/wire/whole-pieces.ts'
import type { WholePieces } from '../../tools/gate/wire/whole-pieces.ts'
import type { ToolAnswer } from './answer-call.ts'

/** What calls are answered with, and by whom. */
export interface Answering {
  readonly isOurs: (name: string) => boolean
  readonly answer: (call: Proposal) => Promise<ToolAnswer>
  /** How often the model is asked again. */
  readonly maxRounds: number
  readonly next: Next
}

/**
 * A reply in which calls of Holdfast's own tools are answered, and the model is asked again with the results, before
 * the application sees them. Text passes at once; calls of tools wait for the end of the reply. A reply that is asked
 * for again after some of it has passed goes on where the text before it ended, in bytes that are written anew.
 */
export class AnsweredReply extends ReplyAround {
  readonly #answering: Answering
  #call: LlmCall
  #pieces: WholePieces
  /** Ends a second request with the reader. */
  #leaving: AbortController | undefined
  #opening: Frame[] = []
  #ready: Frame[] = []
  /** From the first call of a tool on. */
  #held: Frame[] | undefined
  /** All that this reply of the model has said. */
  #said: ReplyEvent[] = []
  /** What was handed up, of all replies. */
  #passed: ReplyEvent[] = []
  /** Writes what follows, once something has been handed up and the model was asked again. */
  #writer: ReplyWriter | undefined
  readonly #names = new SameNames()
  /** Text of another reply went before it. */
  #needsBreak = false
  #rounds = 0
  #over = false

  constructor(call: LlmCall, reply: LlmReply, answering: Answering) {
    super(reply)
    this.#call = call
    this.#answering = answering
    this.#pieces = wholePieces(reply.headers.get('content-type'))
  }

  /** Reads a whole body ahead, so that head and body are those of the same reply. */
  async readWhole(): Promise<void> {
    while (!this.#over) await this.#step()
  }

  override cancel(reason?: unknown): Promise<void> {
    this.#over = true
    this.#leaving?.abort(reason)
    return this.reply.cancel(reason)
  }

  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#ready.shift()
      if (frame !== undefined) return frame
      if (this.#over) return undefined
      await this.#step()
    }
  }

  async #step(): Promise<void> {
    const frame = await this.reply.next()
    if (frame === undefined) await this.#end()
    else this.#take(frame)
  }

  #take({ bytes, events }: Frame): void {
    this.#said.push(...events)
    const isHeld = this.#held !== undefined || events.some(isCallEvent)
    const frame = { bytes: this.streaming ? this.#pieces.take(bytes) : bytes, events }
    if (isHeld) (this.#held ??= []).push(frame)
    else this.#handUp(frame)
  }

  #handUp(frame: Frame): void {
    if (this.#writer !== undefined) {
      this.#write(frame.events)
      return
    }
    if (this.#passed.length === 0 && !frame.events.some(isContent)) {
      // Whoever keeps the connection alive is not kept waiting.
      const isPing = frame.events.length > 0 && frame.events.every(isKeepAlive)
      ;(isPing && this.#opening.length === 0 ? this.#ready : this.#opening).push(frame)
      return
    }
    for (const one of [...this.#opening, frame]) {
      this.#ready.push(one)
      this.#passed.push(...one.events)
      if (this.streaming && one.events.some(isText)) this.#names.handedUp(one.bytes)
    }
    this.#opening = []
  }

  async #end(): Promise<void> {
    const proposals = new Proposals()
    for (const event of this.#said) proposals.add(event)
    const ours = proposals.calls.filter(({ name }) => this.#answering.isOurs(name))
    const isWhole = this.reply.complete() && !ours.some((call) => proposals.isCut(call))
    if (ours.length > 0 && isWhole && (await this.#askAgain(ours))) return
    if (this.#over) return
    this.#over = true
    const held = this.#held ?? []
    this.#held = undefined
    if (this.#writer !== undefined) {
      for (const { events } of held) this.#write(events)
      const bytes = this.#names.keep(this.#writer.end())
      if (bytes.length > 0) this.#ready.push({ bytes, events: noEvents })
      return
    }
    const bytes = this.#pieces.rest()
    this.#ready.push(...this.#opening, ...held)
    if (bytes.length > 0) this.#ready.push({ bytes, events: noEvents })
  }

  /** Answers the calls and takes the model's next reply in place of this one; false where that cannot be said. */
  async #askAgain(ours: readonly Proposal[]): Promise<boolean> {
    const { maxRounds, isOurs, next } = this.#answering
    if (this.#rounds >= maxRounds) return false
    const isBegun = this.#passed.length > 0
    const writer = isBegun ? (this.#writer ?? this.#writerFromHere()) : undefined
    if (isBegun && writer === undefined) return false
    const answered = await Promise.all(
      ours.map(async (proposal) => {
        const outcome = { as: 'said', ...(await this.#answering.answer(proposal)) } as const
        return { proposal, outcome }
      }),
    )
    if (this.#over) return false
    // What else the model wants to call it proposes again, knowing more.
    const asked = callToAskAgain(this.#call, without(this.#said, ours), answered)
    if (asked === undefined) return false
    this.#rounds++
    tellKeptBack(this.#call, 'memory', this.#said)
    const { request } = asked
    const isLast = this.#rounds === maxRounds
    const tools = isLast ? request.tools.filter(({ name }) => !isOurs(name)) : request.tools
    this.#leaving ??= new AbortController()
    const signal = AbortSignal.any([this.#call.signal, this.#leaving.signal])
    const again = asked.with(isLast ? { signal, request: { ...request, tools } } : { signal })
    const reply = await next(again)
    void this.reply.cancel()
    this.#goOnWith(again, reply, writer)
    return true
  }

  #goOnWith(call: LlmCall, reply: LlmReply, writer: ReplyWriter | undefined): void {
    if (this.streaming && (reply.failure !== undefined || !reply.streaming)) {
      void reply.cancel()
      throw new HoldfastError(
        'STREAM_INCOMPLETE',
        `${call.host} answered ${reply.status} when it was asked again with what memory has found`,
        { retryable: true },
      )
    }
    const held = this.#held ?? []
    this.#held = undefined
    this.#opening = []
    this.#said = []
    this.#call = call
    this.reply = reply
    this.#pieces = wholePieces(reply.headers.get('content-type'))
    if (writer !== undefined) {
      this.#writer = writer
      // Text that came in one piece with the call.
      const events = held.flatMap((frame) => frame.events)
      this.#write(events.slice(0, events.findIndex(isCallEvent)))
      this.#needsBreak = this.#passed.some(isText)
    }
    if (this.streaming) return
    this.status = reply.status
    this.statusText = reply.statusText
    this.headers = reply.headers
    this.failure = reply.failure
    this.response = reply.response
    this.#ready = []
  }

  /** A writer that stands where the bytes handed up so far end. */
  #writerFromHere(): ReplyWriter | undefined {
    const { format, model, request } = this.#call
    const writer = format.replyWriter?.({ streaming: true, model, request })
    for (const event of this.#passed) writer?.write(event)
    return writer
  }

  /** What follows, as the rest of the reply that has begun. */
  #write(events: readonly ReplyEvent[]): void {
    const rest: ReplyEvent[] = []
    for (const event of events) {
      if (event.type === 'message-start' || event.type === 'keep-alive') continue
      if (event.type === 'text-delta' && this.#needsBreak) {
        this.#needsBreak = false
        rest.push({ ...event, text: `\n\n${event.text}` })
      } else rest.push(event)
    }
    const pieces = rest.map((event) => this.#writer?.write(event) ?? noBytes)
    this.#passed.push(...rest)
    const bytes = this.#names.keep(Buffer.concat(pieces))
    if (bytes.length > 0 || rest.length > 0) this.#ready.push({ bytes, events: rest })
  }
}

const noBytes = new Uint8Array(0)
const noEvents: readonly ReplyEvent[] = []

/** What the model said without the calls that are not answered here. */
function without(said: readonly ReplyEvent[], ours: readonly Proposal[]): readonly ReplyEvent[] {
  return said.filter((event) => {
    if (event.type !== 'tool-call-start' && event.type !== 'tool-call-delta') return true
    return ours.some(({ choice, index }) => choice === event.choice && index === event.index)
  })
}

function isText({ type }: ReplyEvent): boolean {
  return type === 'text-delta'
}

function isKeepAlive({ type }: ReplyEvent): boolean {
  return type === 'keep-alive'
}
