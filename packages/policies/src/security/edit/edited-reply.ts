import type { Frame, LlmCall, LlmReply, ReplyEvent, ReplyWriter } from '@holdfast/core'
import { HoldfastError, withHeaders, ReplyAround } from '@holdfast/core'
import { closed } from '../decide.ts'
import { KeptEvents } from '../../reliability/mid-stream/kept-events.ts'
import { SameNames } from '../../reliability/mid-stream/same-names.ts'
import type { TextEdit } from './text-edit.ts'
import { pieceSplitter, type PieceSplitter } from './whole-pieces.ts'

/** Which text of a reply it is. */
export type ReplyText = 'text' | 'refusal' | 'arguments'

/** Makes the change for one text of a reply; undefined where that text stays as it is. */
export type EditText = (text: ReplyText) => TextEdit | undefined

/**
 * A reply whose texts are changed on their way up. Frames without a change are handed up as they came; from the first
 * change on the rest is written anew. Where only the end of a text is held back for a moment, its frame is written anew
 * and no more.
 */
export class EditedReply extends ReplyAround {
  readonly #call: LlmCall
  readonly #edits: Edits
  readonly #bug: ((error: unknown) => void) | undefined
  readonly #kept = new KeptEvents()
  readonly #names = new SameNames()
  readonly #pieces: PieceSplitter
  #writer: ReplyWriter | undefined
  /** Bytes are written, and not handed up as they came. */
  #writing = false
  /** Something was changed, or left out for the writer to say at the end: it has to go on. */
  #forGood = false
  #over = false

  constructor(call: LlmCall, reply: LlmReply, edit: EditText, bug?: (error: unknown) => void) {
    super(reply)
    this.#bug = bug
    // What is written may be longer or shorter.
    this.headers =
      reply.headers.get('content-length') === null
        ? reply.headers
        : withHeaders(reply.headers, { 'content-length': undefined })
    this.#call = call
    this.#edits = new Edits(edit)
    this.#pieces = pieceSplitter(reply.headers.get('content-type'))
  }

  override cancel(reason?: unknown): Promise<void> {
    this.#over = true
    return this.reply.cancel(reason)
  }

  async next(): Promise<Frame | undefined> {
    if (this.#over) return undefined
    if (!this.streaming) return this.#whole()
    for (;;) {
      const frame = await this.reply.next()
      if (frame === undefined) return this.#closed(() => this.#end())
      const handedUp = this.#closed(() => this.#pass(frame))
      if (handedUp !== undefined) return handedUp
    }
  }

  async #whole(): Promise<Frame | undefined> {
    this.#over = true
    const frame = await this.reply.next()
    if (frame === undefined || this.failure !== undefined) return frame
    return this.#closed(() => {
      const events = [...this.#edits.apply(frame.events), ...this.#edits.end()]
      if (!this.#edits.changed) return frame
      const writer = this.#newWriter()
      for (const event of events) writer.write(event)
      return { bytes: writer.end(), events }
    })
  }

  #closed<Result>(work: () => Result): Result {
    return closed('security: changing an answer', work, this.#bug)
  }

  #pass(frame: Frame): Frame | undefined {
    const events = this.#edits.apply(frame.events)
    const same = events === frame.events
    this.#forGood ||= this.#edits.changed
    if (!this.#writing && same) return this.#asItCame(frame)
    const before = this.#writing ? noBytes : this.#startWriting()
    if (!this.#forGood) this.#pieces.skip(frame.bytes)
    if (events.some(({ type }) => type === 'finish' || type === 'usage' || type === 'error')) {
      // Said by the writer when it ends, and only then.
      this.#forGood = true
    }
    const bytes = this.#written(events, before)
    if (!this.#forGood && !this.#edits.holding && this.#pieces.isBetween) this.#writing = false
    return { bytes, events }
  }

  #asItCame({ bytes: came, events }: Frame): Frame | undefined {
    this.#kept.add(events)
    for (const event of events) this.#writer?.write(event)
    const bytes = this.#pieces.take(came)
    if (bytes.length === 0 && events.length === 0) return undefined
    if (bytes.length > 0 && events.some(isText)) this.#names.handedUp(bytes)
    return { bytes, events }
  }

  /** The writer stands where the bytes that were handed up end; returns what is still to be handed up before. */
  #startWriting(): Uint8Array {
    this.#writing = true
    const before = this.#pieces.leave()
    if (this.#writer === undefined) {
      this.#writer = this.#newWriter()
      for (const event of this.#kept.all()) this.#writer.write(event)
    }
    return before
  }

  #end(): Frame | undefined {
    this.#over = true
    const events = this.#edits.end()
    if (events.length > 0 && !this.#writing) {
      const before = this.#startWriting()
      return { bytes: Buffer.concat([this.#written(events, before), this.#writerEnd()]), events }
    }
    if (!this.#writing) {
      const bytes = this.#pieces.rest()
      return bytes.length === 0 ? undefined : { bytes, events: [] }
    }
    const bytes = Buffer.concat([this.#written(events, noBytes), this.#writerEnd()])
    return bytes.length === 0 && events.length === 0 ? undefined : { bytes, events }
  }

  #writerEnd(): Uint8Array {
    return this.#names.keep(this.#writer?.end() ?? noBytes)
  }

  #written(events: readonly ReplyEvent[], before: Uint8Array): Uint8Array {
    const pieces = events.map((event) => this.#writer?.write(event) ?? noBytes)
    const written = this.#names.keep(Buffer.concat(pieces))
    return before.length === 0 ? written : Buffer.concat([before, written])
  }

  #newWriter(): ReplyWriter {
    const { format, model, request } = this.#call
    const writer = format.replyWriter?.({ streaming: this.streaming, model, request })
    if (writer !== undefined) return writer
    throw new HoldfastError(
      'CALL_REFUSED',
      `Answers of ${format.name} cannot be changed, so that this one is not handed on`,
    )
  }
}

/** Which texts of a reply are under way, and what is held back of them. */
class Edits {
  readonly #edit: EditText
  readonly #open = new Map<string, OpenText>()
  /** Something was changed, and not only held back. */
  changed = false

  constructor(edit: EditText) {
    this.#edit = edit
  }

  get holding(): boolean {
    for (const { held } of this.#open.values()) if (held !== 0) return true
    return false
  }

  /** The events with other texts; the very same list where none changed. */
  apply(events: readonly ReplyEvent[]): readonly ReplyEvent[] {
    let changed: ReplyEvent[] | undefined
    for (let index = 0; index < events.length; index++) {
      const event = events[index] as ReplyEvent
      const own = this.#own(event)
      if (own.length === 1 && own[0] === event) {
        changed?.push(event)
        continue
      }
      changed ??= events.slice(0, index)
      changed.push(...own)
    }
    return changed ?? events
  }

  /** What is left of all texts. */
  end(): ReplyEvent[] {
    return this.#close(() => true)
  }

  #own(event: ReplyEvent): readonly ReplyEvent[] {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta': {
        const kind = event.type === 'text-delta' ? 'text' : 'refusal'
        const open = this.#openText(`${kind} ${event.choice}`, kind, event)
        const before = this.#close((one) => one !== open && one.event.choice === event.choice)
        const text = this.#push(open, event.text)
        const own = text === event.text ? event : { ...event, text }
        return text === '' && event.text !== ''
          ? before
          : before.length === 0
            ? [own]
            : [...before, own]
      }
      case 'tool-call-delta': {
        const open = this.#openText(`arguments ${event.choice} ${event.index}`, 'arguments', event)
        const json = this.#push(open, event.arguments)
        if (json === event.arguments) return [event]
        return json === '' ? [] : [{ ...event, arguments: json }]
      }
      case 'reasoning-delta':
      case 'tool-call-start':
      case 'other-content':
      case 'finish':
        return this.#closedBefore(event, 'choice' in event ? event.choice : undefined)
      case 'error':
        return this.#closedBefore(event, undefined)
      default:
        return [event]
    }
  }

  #closedBefore(event: ReplyEvent, choice: number | undefined): readonly ReplyEvent[] {
    if (this.#open.size === 0) return [event]
    const rest = this.#close((open) => choice === undefined || open.event.choice === choice)
    return rest.length === 0 ? [event] : [...rest, event]
  }

  #openText(name: string, kind: ReplyText, event: TextEvent): OpenText {
    let open = this.#open.get(name)
    if (open === undefined) {
      const edit = this.#edit(kind)
      this.#open.set(name, (open = { edit, event, held: 0, before: '' }))
    }
    return open
  }

  #push(open: OpenText, text: string): string {
    if (open.edit === undefined) return text
    const all = open.before + text
    const out = open.edit.push(text)
    // As long as what comes out is what came in, short of its end, nothing was changed.
    if (all.startsWith(out)) {
      open.before = all.slice(out.length)
      open.held = open.before.length
    } else {
      this.changed = true
      open.before = ''
      open.held = 1
    }
    return out
  }

  #close(which: (open: OpenText) => boolean): ReplyEvent[] {
    const events: ReplyEvent[] = []
    for (const [name, open] of this.#open) {
      if (!which(open)) continue
      this.#open.delete(name)
      const rest = open.edit?.end() ?? ''
      if (rest !== open.before) this.changed = true
      if (rest === '') continue
      const { event } = open
      events.push(
        event.type === 'tool-call-delta' ? { ...event, arguments: rest } : { ...event, text: rest },
      )
    }
    return events
  }
}

type TextEvent = Extract<ReplyEvent, { type: 'text-delta' | 'refusal-delta' | 'tool-call-delta' }>

interface OpenText {
  readonly edit: TextEdit | undefined
  /** The first event of the text: what is left is said in its name. */
  readonly event: TextEvent
  /** What came in and has not come out. */
  before: string
  held: number
}

const noBytes = new Uint8Array(0)

function isText({ type }: ReplyEvent): boolean {
  return type === 'text-delta'
}
