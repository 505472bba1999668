import { ReplyAround } from '@holdfast/core'
import type { Frame, LlmCall, LlmReply, ReplyEvent, ReplyWriter } from '@holdfast/core'
import { tell } from '../call-context.ts'
import type { CallContext, Inward } from '../call-context.ts'
import { mayBeContinued, plainTextOf } from './call-to-go-on.ts'
import { KeptEvents } from './kept-events.ts'
import { SameNames } from './same-names.ts'
import { interruptionOf, StreamInterruptedError } from './stream-interrupted.ts'
import { WholeEvents } from './whole-events.ts'

/**
 * A stream of text that goes on with another attempt where it breaks. Until then its bytes pass as they came, but for
 * the beginning of an event, which waits for its end; from the seam on they are written anew, as the rest of the same
 * answer.
 */
export class ContinuedReply extends ReplyAround {
  readonly #call: LlmCall
  readonly #next: Inward
  readonly #context: CallContext
  /** The first provider spoke another format than the application. */
  readonly #foreign: boolean
  readonly #kept = new KeptEvents()
  readonly #wholeEvents = new WholeEvents()
  readonly #names = new SameNames()
  /** Writes the rest, once there is a seam. */
  #writer: ReplyWriter | undefined
  /** Text at the seam begins without the space that the text before it ended with. */
  #trimsStart = false
  #waiting: Frame | undefined
  /** Ends the attempt at the rest with the reader. */
  #asking: AbortController | undefined
  #over = false

  constructor(call: LlmCall, reply: LlmReply, next: Inward, context: CallContext) {
    super(reply)
    this.#call = call
    this.#next = next
    this.#context = context
    this.#foreign = context.spoken !== call.format
  }

  override cancel(reason?: unknown): Promise<void> {
    this.#over = true
    this.#asking?.abort(reason)
    return this.reply.cancel(reason)
  }

  async next(): Promise<Frame | undefined> {
    for (;;) {
      const waiting = this.#waiting
      this.#waiting = undefined
      if (waiting !== undefined) return waiting
      if (this.#over) return undefined
      let frame: Frame | undefined
      try {
        frame = await this.reply.next()
      } catch (error) {
        if (isReparable(error) && (await this.#goOn([]))) continue
        if (this.#over) return undefined
        throw this.#withAllOf(error)
      }
      if (frame === undefined) return this.#end()
      const events = this.#ofRest(frame.events)
      const failedAt = events.findIndex(({ type }) => type === 'error')
      if (failedAt !== -1 && (await this.#goOn(events.slice(0, failedAt)))) continue
      const handedUp = this.#pass(frame.bytes, events)
      if (handedUp !== undefined) return handedUp
    }
  }

  /** What is handed up of a frame; undefined where there is nothing in it yet. */
  #pass(read: Uint8Array, events: readonly ReplyEvent[]): Frame | undefined {
    this.#kept.add(events)
    if (this.#writer !== undefined) return this.#written(events)
    // Events without bytes came out at the end of the body: what was held back was an event after all.
    const bytes =
      read.length === 0
        ? Buffer.concat([this.#wholeEvents.rest(), emptyLine])
        : this.#wholeEvents.take(read)
    if (bytes.length === 0 && events.length === 0) return undefined
    if (bytes.length > 0 && events.some(isText)) this.#names.handedUp(bytes)
    return { bytes, events }
  }

  #end(): Frame | undefined {
    this.#over = true
    const bytes =
      this.#writer === undefined ? this.#wholeEvents.rest() : this.#names.keep(this.#writer.end())
    return bytes.length === 0 ? undefined : { bytes, events: [] }
  }

  /** Asks for the rest; false where there is no rest to ask for, or nobody to give it. */
  async #goOn(unsaid: readonly ReplyEvent[]): Promise<boolean> {
    const kept = this.#kept.all()
    const said = plainTextOf([...kept, ...unsaid])
    if (said === undefined || !this.#mayGoOn()) return false
    const asking = (this.#asking = new AbortController())
    const call = this.#call.with({ signal: AbortSignal.any([this.#call.signal, asking.signal]) })
    const context = this.#context.fork(call)
    context.saidSoFar = said
    let reply: LlmReply
    try {
      reply = await this.#next(call, context)
    } catch {
      // What broke the answer says more than why it could not be continued; both were told.
      return false
    }
    const good = reply.failure === undefined && !this.#over
    const writer = good ? this.#writerFor(context, kept) : undefined
    if (writer === undefined) {
      void reply.cancel()
      return false
    }
    void this.reply.cancel()
    this.reply = reply
    this.#writer = writer
    const bytes = this.#wholeEvents.lastEvent()
    this.#trimsStart = /\s$/.test(said)
    this.#kept.add(unsaid)
    if (bytes.length > 0 || unsaid.length > 0) this.#waiting = this.#written(unsaid, bytes)
    tell(this.#call, { type: 'answer-continued', characters: said.length })
    return true
  }

  #mayGoOn(): boolean {
    const { mayAttempt, deadlineAtMs } = this.#context
    if (this.#call.signal.aborted || !mayAttempt) return false
    if (performance.now() >= deadlineAtMs) return false
    try {
      return mayBeContinued(this.#call)
    } catch {
      return false
    }
  }

  /** The writer that stands where the bytes handed up so far end. */
  #writerFor({ spoken }: CallContext, kept: readonly ReplyEvent[]): ReplyWriter | undefined {
    const { format, model, request } = this.#call
    const foreign = spoken !== format
    if (foreign !== this.#foreign) {
      // Another provider's reasoning is left out when it is written, so that the blocks would be counted differently.
      if (this.#writer !== undefined || kept.some(({ type }) => type === 'reasoning-delta')) {
        return undefined
      }
    }
    if (this.#writer !== undefined) return this.#writer
    const facts = { streaming: true, model, request, foreign: foreign || this.#foreign }
    const writer = format.replyWriter?.(facts)
    for (const event of kept) writer?.write(event)
    return writer
  }

  #written(events: readonly ReplyEvent[], before: Uint8Array = noBytes): Frame {
    const pieces = events.map((event) => this.#writer?.write(event) ?? noBytes)
    const written = this.#names.keep(Buffer.concat(pieces))
    return { bytes: before.length === 0 ? written : Buffer.concat([before, written]), events }
  }

  /** Of a reply that goes on with another one, what belongs to it. */
  #ofRest(events: readonly ReplyEvent[]): readonly ReplyEvent[] {
    if (this.#writer === undefined) return events
    const rest: ReplyEvent[] = []
    for (const event of events) {
      if (event.type === 'text-delta') {
        const text = this.#trimsStart ? event.text.trimStart() : event.text
        if (text === '') continue
        this.#trimsStart = false
        rest.push({ ...event, text })
      } else if (!ofItsOwn.has(event.type)) rest.push(event)
    }
    return rest
  }

  #withAllOf(error: unknown): unknown {
    const interruption = this.#writer === undefined ? undefined : interruptionOf(error)
    if (interruption === undefined) return error
    return new StreamInterruptedError(this.#call.host, interruption.fault, this.#kept, error)
  }
}

/** What a second reply says about itself, or thought before it went on. */
const ofItsOwn: ReadonlySet<ReplyEvent['type']> = new Set([
  'message-start',
  'reasoning-delta',
  'keep-alive',
])
const noBytes = new Uint8Array(0)
const emptyLine = Buffer.from('\n\n')

function isText({ type }: ReplyEvent): boolean {
  return type === 'text-delta'
}

function isReparable(error: unknown): boolean {
  const fault = interruptionOf(error)?.fault
  return fault !== undefined && fault !== 'deadline-passed'
}
