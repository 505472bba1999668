import { isContent } from '@holdfast/core'
import type { CallEvent, Frame, LlmCall, LlmReply, ReplyEvent, Usage } from '@holdfast/core'
import type { Context, Span } from '@opentelemetry/api'
import { errorTypeOf, failureTypeOf, isAbort } from './error-type.ts'

export type Outcome = 'ok' | 'error' | 'aborted'

/** A call event and when it came, as a performance.now() time. */
export interface TimedEvent {
  readonly event: CallEvent
  readonly atMs: number
}

/**
 * What is known of one LLM call. While the call runs it only takes notes: references and times.
 * `read` makes sense of them afterwards.
 */
export class CallRecord {
  readonly call: LlmCall
  readonly startedAt: number = Date.now()
  readonly startedAtMs: number = performance.now()
  /** Where the caller's spans are; kept for a span that is made late. */
  readonly parent: Context
  span: Span | undefined
  endedAtMs = 0
  outcome: Outcome = 'ok'
  errorType: string | undefined
  /** What may be shown of a thrown error: only messages of our own. */
  errorMessage: string | undefined
  firstContentAtMs: number | undefined
  readonly events: TimedEvent[] = []

  responseId: string | undefined
  responseModel: string | undefined
  finishReasons: string[] = []
  usage: Usage = {}
  /** The answer is all there, and so is its usage. */
  complete = false
  costUsd: number | undefined
  /** The provider gave an answer, to its end or not. */
  answered = false

  /** All that was said, where somebody wants the content. */
  readonly said: ReplyEvent[] | undefined
  #reply: LlmReply | undefined
  /** The last frames, not read yet: usage and finish reason come last. */
  readonly #tail: Frame[] = []
  #frames = 0

  constructor(call: LlmCall, parent: Context, keepContent: boolean) {
    this.call = call
    this.parent = parent
    this.said = keepContent ? [] : undefined
  }

  /** Takes note of what the interceptors further in tell, and tells it further out. */
  readonly emit = (event: CallEvent): void => {
    this.events.push({ event, atMs: 'atMs' in event ? event.atMs : performance.now() })
    this.call.emit(event)
  }

  replied(reply: LlmReply): void {
    this.#reply = reply
    if (reply.failure === undefined) this.answered = true
    else this.#fail(failureTypeOf(reply.failure))
  }

  frame(frame: Frame): void {
    const waiting = this.firstContentAtMs === undefined && this.call.streaming
    if (waiting && frame.events.some(isContent)) this.firstContentAtMs = performance.now()
    if (waiting || this.said !== undefined) this.#readFrame(frame)
    else this.#tail[this.#frames++ % tailLength] = frame
  }

  /** The answer was read to its end. */
  end(): void {
    this.endedAtMs = performance.now()
  }

  /** The process ends, and the call has not. */
  abandon(): void {
    this.endedAtMs = performance.now()
    this.#fail('unfinished')
  }

  /** The caller wants no more of it: a normal end where everything was said. */
  cancel(): void {
    this.endedAtMs = performance.now()
    if (this.outcome === 'ok' && this.#reply?.complete() !== true) this.outcome = 'aborted'
  }

  error(error: unknown): void {
    this.endedAtMs = performance.now()
    if (isAbort(error, this.call.http.signal ?? this.call.signal)) {
      this.outcome = 'aborted'
      return
    }
    this.#fail(errorTypeOf(error))
    if (error instanceof Error && 'isHoldfastError' in error) this.errorMessage = error.message
  }

  /** Reads what the reply said; the second time there is nothing left to read. */
  read(): void {
    const reply = this.#reply
    if (reply === undefined) return
    this.#reply = undefined
    // From the oldest of the frames that were kept to the newest.
    for (let index = Math.max(0, this.#frames - tailLength); index < this.#frames; index++) {
      const frame = this.#tail[index % tailLength]
      if (frame !== undefined) this.#readFrame(frame)
    }
    this.#frames = 0
    this.#tail.length = 0
    if (reply.failure !== undefined) return
    const ended = reply.complete() || this.call.operation !== 'chat'
    if (!ended && this.outcome === 'ok') {
      this.#fail(reply.problem() === undefined ? 'STREAM_INCOMPLETE' : 'REPLY_INVALID')
    }
    // What it says was used when it was first given.
    if (this.replayed) this.usage = { inputTokens: 0, outputTokens: 0 }
    const { inputTokens, outputTokens } = this.usage
    this.complete =
      ended &&
      this.outcome === 'ok' &&
      inputTokens !== undefined &&
      (outputTokens !== undefined || this.call.operation !== 'chat')
  }

  /** Answers that went into the call and were not handed up. */
  get keptBack(): readonly Extract<CallEvent, { type: 'reply-kept-back' }>[] {
    return this.events.flatMap(({ event }) => (event.type === 'reply-kept-back' ? [event] : []))
  }

  /** Takes what an answer that was kept back has used into the account of the call. */
  addKeptBack(usage: Usage | undefined, costUsd: number | undefined): void {
    if (usage === undefined) this.complete = false
    this.usage = sumOf(this.usage, usage ?? {})
    if (costUsd !== undefined) this.costUsd = (this.costUsd ?? 0) + costUsd
  }

  /** Requests that went upstream. Where nobody counts them, an answered call took one. */
  get attempts(): number {
    let started = 0
    let spared = false
    for (const { event } of this.events) {
      if (event.type === 'attempt-start') started++
      if (event.type === 'circuit-refused' || event.type === 'resend-answered') spared = true
    }
    return started > 0 || spared || this.replayed ? started : 1
  }

  /** The journal had the answer: it is counted, and not charged. */
  get replayed(): boolean {
    return this.events.some(({ event }) => event.type === 'journal-answered')
  }

  /** Failed attempts that the provider may have billed; their tokens are unknown and not in `usage`. */
  get possiblyBilled(): number {
    let count = 0
    for (const { event } of this.events) {
      if (event.type === 'attempt-failed' && event.possiblyBilled) count++
    }
    return count
  }

  /** What a target of another format was not told, or did not tell the application, each by name once. */
  get dropped(): string[] {
    const names = new Set<string>()
    for (const { event } of this.events) {
      if (event.type === 'content-dropped') names.add(event.loss.what)
    }
    return [...names]
  }

  /** How often the answer broke off and went on with another attempt. */
  get continued(): number {
    let count = 0
    for (const { event } of this.events) if (event.type === 'answer-continued') count++
    return count
  }

  /** Who answered: the last attempt's target, which after a fallback is another than the one asked for. */
  get answeredBy(): { readonly provider: string; readonly host: string; readonly model: string } {
    for (let index = this.events.length - 1; index >= 0; index--) {
      const event = this.events[index]?.event
      if (event?.type === 'attempt-start') return event
    }
    return this.call
  }

  #fail(errorType: string): void {
    this.outcome = 'error'
    this.errorType = errorType
  }

  #readFrame(frame: Frame): void {
    for (const event of frame.events) {
      this.said?.push(event)
      switch (event.type) {
        case 'message-start':
          this.responseId = event.id ?? this.responseId
          this.responseModel = event.model ?? this.responseModel
          break
        case 'usage':
          this.usage = { ...this.usage, ...event.usage }
          break
        case 'finish':
          this.finishReasons[event.choice] = event.raw
          break
        case 'error':
          this.#fail(failureTypeOf(event.failure))
          break
        default:
      }
    }
  }
}

/** What is known of both together. */
function sumOf(one: Usage, other: Usage): Usage {
  const sum: { -readonly [Name in keyof Usage]: Usage[Name] } = { ...one }
  for (const name of Object.keys(other) as (keyof Usage)[]) {
    sum[name] = (one[name] ?? 0) + (other[name] ?? 0)
  }
  return sum
}

/** Enough for the finish reason, the usage and the end mark in frames of their own, for a few choices. */
const tailLength = 8
