import { commonStart, findList, nextElement, startsAlike } from '@holdfast/core'
import type { LlmCall } from '@holdfast/core'
import { emptyChain, fingerprintOf, hashAround, longerChain } from './fingerprint.ts'
import type { Around, Chain, Mask } from './fingerprint.ts'

/** A place behind an element of the conversation. */
interface Cut {
  readonly before: Cut | undefined
  readonly count: number
  /** Where in the body the element begins and ends. */
  readonly start: number
  readonly end: number
  /** What stands for all elements up to here, once somebody has asked. */
  chain: Chain | undefined
}

/** Which record holds the first so many elements of a conversation. */
export interface Recorded {
  readonly seq: number
  readonly count: number
  /** All that was asked then; false where this conversation has gone on from a part of it. */
  readonly whole: boolean
}

/** A request as it is read. */
export interface ReadRequest {
  readonly body: string
  readonly format: string
  readonly operation: string
  readonly model: string
  readonly streaming: boolean
}

export function requestOf({ http, format, operation, model, streaming }: LlmCall): ReadRequest {
  return { body: bodyText(http.body), format: format.name, operation, model, streaming }
}

/** A request, and what it goes on from. */
export interface AskedRequest {
  /** Made when it is asked for: what nobody looks for needs none. */
  readonly fingerprint: string
  /** The body as text. */
  readonly text: string
  /** The record of the conversation that it goes on from, or from a part of which. */
  readonly base: Recorded | undefined
  /** Tells under which number the request was recorded, for those that go on from it. */
  recordedAs(seq: number): void
}

/** The body of a request as it was read; the newest of a conversation is kept, to know what the next adds. */
class Conversation implements AskedRequest {
  readonly text: string
  readonly around: Around
  /** Behind the first element, and behind the last one. */
  readonly first: Cut
  readonly last: Cut
  readonly base: Recorded | undefined
  recorded: Recorded | undefined
  readonly #mask: Mask | undefined

  constructor(
    {
      text,
      around,
      first,
      last,
      base,
    }: Pick<Conversation, 'text' | 'around' | 'first' | 'last' | 'base'>,
    mask: Mask | undefined,
  ) {
    this.text = text
    this.around = around
    this.first = first
    this.last = last
    this.base = base
    this.recorded = base
    this.#mask = mask
  }

  get fingerprint(): string {
    return fingerprintOf(hashAround(this.around, this.#mask), this.#chain())
  }

  recordedAs(seq: number): void {
    this.recorded = { seq, count: this.last.count, whole: true }
  }

  /** What an earlier request had in common was hashed then. */
  #chain(): Chain {
    let known: Cut | undefined
    const cuts = this.#cutsAfter((cut) => {
      known = cut
      return cut.chain !== undefined
    })
    let chain = known?.chain ?? emptyChain()
    for (const cut of cuts) {
      chain = longerChain(chain, this.text.slice(cut.start, cut.end), this.#mask)
      cut.chain = chain
    }
    return chain
  }

  /** The cuts of elements behind the last one that is meant, in order. */
  #cutsAfter(isMeant: (cut: Cut) => boolean): Cut[] {
    const cuts: Cut[] = []
    let cut: Cut | undefined = this.last
    for (; cut !== undefined && cut.count > 0 && !isMeant(cut); cut = cut.before) cuts.push(cut)
    return cuts.toReversed()
  }
}

/** So many conversations of a run are known at once: more than run side by side in most. */
const mostKnown = 8

/**
 * The conversations of one run. Each request is compared with those before: what it has in common with one of them
 * was hashed then, so a turn costs what it adds.
 */
export class Conversations {
  readonly #mask: Mask | undefined
  /** The newest first. */
  #known: Conversation[] = []

  constructor(mask?: Mask) {
    this.#mask = mask
  }

  /** True for a request that says all that an earlier one said, and more. */
  goesOn({ http }: LlmCall): boolean {
    const text = bodyText(http.body)
    return this.#known.some(
      ({ text: before, last }) =>
        last.count > 0 &&
        startsAlike(text, before, last.end) &&
        nextElement(text, last.end) !== undefined,
    )
  }

  read(request: ReadRequest): AskedRequest {
    const { from, cut } = this.#commonPart(request.body)
    const conversation = this.#goOn(request, from, cut)
    this.#remember(conversation, from)
    return conversation
  }

  /** The known conversation with most in common, and how far. */
  #commonPart(text: string): { from: Conversation | undefined; cut: Cut | undefined } {
    for (const known of this.#known) {
      if (startsAlike(text, known.text, known.last.end)) return { from: known, cut: known.last }
    }
    let best: { from: Conversation; cut: Cut } | undefined
    for (const known of this.#known) {
      // Most others have not even their first message in common.
      const { first, last } = known
      const cut =
        first !== last && startsAlike(text, known.text, first.end)
          ? lastWithin(last, commonStart(text, known.text, 0))
          : undefined
      if (cut !== undefined && cut.end > (best?.cut.end ?? -1)) best = { from: known, cut }
    }
    return best ?? { from: undefined, cut: undefined }
  }

  #goOn(
    request: ReadRequest,
    from: Conversation | undefined,
    common: Cut | undefined,
  ): Conversation {
    const { body: text } = request
    let first = common === undefined ? undefined : from?.first
    let last = common
    let head = common === undefined ? undefined : from?.around.head
    if (head === undefined || last === undefined) {
      const list = findList(text)
      head = list === undefined ? text : text.slice(0, list.start)
      last = { before: undefined, count: 0, start: 0, end: head.length, chain: undefined }
    }
    for (;;) {
      const element = nextElement(text, last.end)
      if (element === undefined) break
      const { start, end } = element
      last = { before: last, count: last.count + 1, start, end, chain: undefined }
      first ??= last
    }
    const around = this.#around(request, head, text.slice(last.end))
    const base = common === undefined ? undefined : partOf(from?.recorded, common.count)
    return new Conversation({ text, around, first: first ?? last, last, base }, this.#mask)
  }

  /** Most requests of a run have all of it in common with the one before. */
  #around(
    { format, operation, model, streaming }: ReadRequest,
    head: string,
    tail: string,
  ): Around {
    for (const { around } of this.#known) {
      const isSame =
        around.head === head &&
        around.tail === tail &&
        around.model === model &&
        around.streaming === streaming &&
        around.operation === operation &&
        around.format === format
      if (isSame) return around
    }
    return { format, operation, model, streaming, head, tail }
  }

  #remember(conversation: Conversation, from: Conversation | undefined): void {
    // What was common stays known: it is the beginning of the new one.
    const known = [conversation]
    for (const other of this.#known) {
      if (known.length === mostKnown) break
      if (other !== from || other.last.end > conversation.last.end) known.push(other)
    }
    this.#known = known
  }
}

function partOf(recorded: Recorded | undefined, count: number): Recorded | undefined {
  if (recorded === undefined || recorded.count <= count) return recorded
  return { ...recorded, count, whole: false }
}

/** The body of a request as text. */
export function bodyText(body: string | Uint8Array | undefined): string {
  if (typeof body === 'string') return body
  if (body === undefined) return ''
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
}

function lastWithin(last: Cut, end: number): Cut | undefined {
  let cut: Cut | undefined = last
  while (cut !== undefined && cut.end > end) cut = cut.before
  return cut
}
