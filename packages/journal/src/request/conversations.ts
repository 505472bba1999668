import type { LlmCall } from '@holdfast/core'
import { findList, nextElement } from './body-parts.ts'
import { digestOf, hashOf } from './hash.ts'
import { withOrderedIds } from './tool-call-ids.ts'

/** Takes out of a text what differs from one execution to the next. */
export type Mask = (text: string) => string

/** A place behind an element of the conversation, and what stands for all before it. */
interface Cut {
  readonly before: Cut | undefined
  readonly count: number
  /** Where in the body the element ends. */
  readonly end: number
  /** Hash over all elements up to here. */
  readonly chain: string
  /** How many tool-call ids had been seen. */
  readonly ids: number
}

/** Which record holds the first so many elements of a conversation. */
export interface Recorded {
  readonly seq: number
  readonly count: number
  /** All that was asked then; false where this conversation has gone on from a part of it. */
  readonly whole: boolean
  readonly headHash: string
  readonly tailHash: string
}

/** What a request says, in pieces, and what it has in common with an earlier one of the run. */
export interface AskedRequest {
  /** The same for the same request: format, model, messages, tools and parameters; no headers, no address. */
  readonly fingerprint: string
  readonly head: string
  readonly headHash: string
  readonly tail: string
  readonly tailHash: string
  readonly count: number
  /** The record that holds the first `keep` elements. */
  readonly base: Recorded | undefined
  readonly keep: number
  /** True where this request goes on from all that the base said. */
  readonly extendsBase: boolean
  /** The elements after those. */
  readonly elements: readonly string[]
  /** Tells under which number the request was recorded, for those that go on from it. */
  recordedAs(seq: number): void
}

/** The body of a request as it was read; the newest of a conversation is kept, to know what the next adds. */
interface Conversation {
  readonly text: string
  readonly head: string
  readonly headHash: string
  readonly tail: string
  readonly tailHash: string
  /** Behind the first element, and behind the last one. */
  readonly first: Cut
  readonly last: Cut
  readonly ids: Map<string, number>
  recorded: Recorded | undefined
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
  goesOn(call: LlmCall): boolean {
    const text = textOf(call.http.body)
    return this.#known.some(
      ({ text: before, last }) =>
        last.count > 0 &&
        startsAlike(text, before, last.end) &&
        nextElement(text, last.end) !== undefined,
    )
  }

  read(call: LlmCall): AskedRequest {
    const text = textOf(call.http.body)
    const { from, cut } = this.#commonPart(text)
    const conversation = this.#goOn(text, from, cut)
    this.#remember(conversation, from)
    return asked(call, conversation)
  }

  /** The known conversation with most in common, and how far. */
  #commonPart(text: string): { from: Conversation | undefined; cut: Cut | undefined } {
    for (const known of this.#known) {
      if (startsAlike(text, known.text, known.last.end)) return { from: known, cut: known.last }
    }
    let best: { from: Conversation; cut: Cut } | undefined
    for (const known of this.#known) {
      // Most others have not even their first message in common.
      const cut = startsAlike(text, known.text, known.first.end)
        ? lastWithin(known.last, commonLength(text, known.text))
        : undefined
      if (cut !== undefined && cut.end > (best?.cut.end ?? -1)) best = { from: known, cut }
    }
    return best ?? { from: undefined, cut: undefined }
  }

  #goOn(text: string, from: Conversation | undefined, common: Cut | undefined): Conversation {
    let cut = common
    let first = common === undefined ? undefined : from?.first
    // Another request may have gone on from the same place, with ids of its own.
    const ids =
      from === undefined || cut === undefined
        ? new Map<string, number>()
        : from.ids.size === cut.ids
          ? from.ids
          : new Map([...from.ids].slice(0, cut.ids))
    let head = from?.head
    let headHash = from?.headHash
    if (cut === undefined || head === undefined || headHash === undefined) {
      const list = findList(text)
      head = list === undefined ? text : text.slice(0, list.start)
      headHash = this.#hash(head)
      cut = { before: undefined, count: 0, end: head.length, chain: '', ids: 0 }
    }
    for (;;) {
      const element = nextElement(text, cut.end)
      if (element === undefined) break
      const said = withOrderedIds(text.slice(element.start, element.end), ids)
      cut = {
        before: cut,
        count: cut.count + 1,
        end: element.end,
        chain: hashOf(cut.chain + (this.#mask?.(said) ?? said)),
        ids: ids.size,
      }
      first ??= cut
    }
    const tail = text.slice(cut.end)
    const tailHash = from !== undefined && tail === from.tail ? from.tailHash : this.#hash(tail)
    const recorded = common === undefined ? undefined : partOf(from?.recorded, common.count)
    return { text, head, headHash, tail, tailHash, first: first ?? cut, last: cut, ids, recorded }
  }

  #remember(conversation: Conversation, from: Conversation | undefined): void {
    // What was common stays known: it is the beginning of the new one.
    const others = this.#known.filter(
      (known) => known !== from || known.last.end > conversation.last.end,
    )
    this.#known = [conversation, ...others].slice(0, mostKnown)
  }

  #hash(text: string): string {
    return digestOf(this.#mask?.(text) ?? text)
  }
}

function asked(call: LlmCall, conversation: Conversation): AskedRequest {
  const { head, headHash, tail, tailHash, last, recorded: base } = conversation
  const what = [call.format.name, call.operation, call.model, call.streaming ? 'stream' : 'whole']
  const fingerprint = hashOf([...what, headHash, last.chain, tailHash].join('\n'))
  const keep = base?.count ?? 0
  return {
    fingerprint,
    head,
    headHash,
    tail,
    tailHash,
    count: last.count,
    base,
    keep,
    extendsBase: base?.whole === true,
    get elements() {
      return elementsAfter(conversation, keep)
    },
    recordedAs(seq) {
      conversation.recorded = { seq, count: last.count, whole: true, headHash, tailHash }
    },
  }
}

function partOf(recorded: Recorded | undefined, count: number): Recorded | undefined {
  if (recorded === undefined || recorded.count <= count) return recorded
  return { ...recorded, count, whole: false }
}

function elementsAfter({ text, last }: Conversation, keep: number): string[] {
  const elements: string[] = []
  for (let cut: Cut | undefined = last; cut !== undefined && cut.count > keep; cut = cut.before) {
    const start = nextElement(text, cut.before?.end ?? 0)?.start ?? cut.end
    elements.push(text.slice(start, cut.end))
  }
  return elements.toReversed()
}

function textOf(body: string | Uint8Array | undefined): string {
  if (typeof body === 'string') return body
  if (body === undefined) return ''
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
}

function lastWithin(last: Cut, end: number): Cut | undefined {
  let cut: Cut | undefined = last
  while (cut !== undefined && cut.end > end) cut = cut.before
  return cut
}

function startsAlike(one: string, other: string, length: number): boolean {
  // Comparing two slices is a memcmp; startsWith compares character by character.
  return one.length >= length && one.slice(0, length) === other.slice(0, length)
}

function commonLength(one: string, other: string): number {
  let low = 0
  let high = Math.min(one.length, other.length)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (one.slice(low, middle) === other.slice(low, middle)) low = middle
    else high = middle - 1
  }
  return low
}
