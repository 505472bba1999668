import { findList, nextElement } from '@holdfast/core'

/** What the pieces of a request's body count for. */
export interface PieceCounter {
  /** One element of the conversation. */
  element(value: unknown): number
  /** All of the body but the elements. */
  around(body: Readonly<Record<string, unknown>>): number
}

/** A conversation as far as it was counted. */
export interface CountedBody {
  readonly tokens: number
  /** What the provider said about the first so many elements, and what was counted for them here. */
  readonly reported: Reported | undefined
  /** Tells what the provider says about all of it. */
  report(tokens: number): void
}

export interface Reported {
  readonly elements: number
  readonly tokens: number
  readonly counted: number
}

interface Known {
  readonly text: string
  /** Where the list begins; all of the body where there is none. */
  readonly start: number
  /** Behind each element. */
  readonly ends: readonly number[]
  /** What the elements up to each one count for. */
  readonly totals: readonly number[]
  readonly tail: string
  readonly aroundTokens: number
  reported: Reported | undefined
}

const mostKnown = 64
const mostCharacters = 32_000_000

/** Counts conversations: what one has in common with an earlier one was counted then, so a turn costs what it adds. */
export class PrefixCounts {
  readonly #pieces: PieceCounter
  /** The newest first. */
  #known: Known[] = []

  constructor(pieces: PieceCounter) {
    this.#pieces = pieces
  }

  count(text: string): CountedBody {
    const { from, common } = this.#commonPart(text)
    const counted = this.#goOn(text, from, common)
    this.#remember(counted, from)
    const tokens = counted.aroundTokens + (counted.totals.at(-1) ?? 0)
    return {
      tokens,
      reported: counted.reported,
      report(said) {
        counted.reported = { elements: counted.ends.length, tokens: said, counted: tokens }
      },
    }
  }

  /** The known conversation with most in common, and how many elements that are. */
  #commonPart(text: string): { from: Known | undefined; common: number } {
    let best: { from: Known | undefined; common: number } = { from: undefined, common: 0 }
    for (const known of this.#known) {
      const first = known.ends[0]
      if (first === undefined || !startsAlike(text, known.text, first)) continue
      const last = known.ends.at(-1) ?? first
      if (startsAlike(text, known.text, last)) return { from: known, common: known.ends.length }
      const length = commonLength(text, known.text)
      const after = known.ends.findIndex((end) => end > length)
      if (after > best.common) best = { from: known, common: after }
    }
    return best
  }

  #goOn(text: string, from: Known | undefined, common: number): Known {
    const start = from?.start ?? findList(text)?.start ?? text.length
    const ends = from?.ends.slice(0, common) ?? []
    const totals = from?.totals.slice(0, common) ?? []
    let total = totals.at(-1) ?? 0
    for (;;) {
      const element = nextElement(text, ends.at(-1) ?? start)
      if (element === undefined) break
      total += this.#pieces.element(JSON.parse(text.slice(element.start, element.end)))
      ends.push(element.end)
      totals.push(total)
    }
    const tail = text.slice(ends.at(-1) ?? start)
    const isSame = from !== undefined && from.tail === tail
    return {
      text,
      start,
      ends,
      totals,
      tail,
      aroundTokens: isSame ? from.aroundTokens : this.#around(text.slice(0, start) + tail),
      reported: isSame && (from.reported?.elements ?? 0) <= common ? from.reported : undefined,
    }
  }

  #around(text: string): number {
    return this.#pieces.around(JSON.parse(text) as Readonly<Record<string, unknown>>)
  }

  #remember(counted: Known, from: Known | undefined): void {
    const known = [counted]
    let characters = counted.text.length
    for (const other of this.#known) {
      characters += other.text.length
      if (known.length === mostKnown || characters > mostCharacters) break
      // What was common stays known: it is the beginning of the new one.
      if (other !== from || other.ends.length > counted.ends.length) known.push(other)
    }
    this.#known = known
  }
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
