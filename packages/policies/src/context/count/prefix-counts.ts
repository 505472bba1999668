import { commonStart, findList, nextElement, startsAlike } from '@holdfast/core'
import type { Usage } from '@holdfast/core'

/** What tells how many tokens a request takes. */
export interface Features {
  /** Tokens of what is said. */
  readonly text: number
  readonly messages: number
  /** How often tools were called, and have answered. */
  readonly calls: number
  readonly results: number
  /** Tokens of the tools' declarations. */
  readonly tools: number
  readonly declarations: number
  /** The model must call a tool. */
  readonly isForced: boolean
  /** Tokens of the schema that the answer must have. */
  readonly schema: number
  /** The model is told to think. */
  readonly thinks: boolean
}

/** Who wrote an element of a conversation; `tool` for what tools have answered, `compaction` for what all before became. */
export type Author = 'other' | 'tool' | 'model' | 'model-with-thoughts' | 'compaction'

/** All of a request's body but the elements of its conversation. */
export interface Around {
  readonly features: Omit<Features, 'messages' | 'calls' | 'results'>
  /** Names what is the same in all conversations of an agent: instructions, tools, the form of the answer. */
  readonly frame: string
}

/** How many calls of tools there are, and answers to such. */
export interface Steps {
  readonly calls: number
  readonly results: number
}

/** What the pieces of a request's body count for. */
export interface PieceCounter {
  /** One element of the conversation. */
  element(value: unknown): number
  /** The calls of tools in it, and what tools have answered. */
  stepsOf(value: unknown): Steps
  authorOf(value: unknown): Author
  /** All of the body but the elements; of these the first one alone. */
  around(body: Readonly<Record<string, unknown>>, first: unknown): Around
}

/** A request as far as it was counted. */
export interface CountedBody {
  readonly features: Features
  /** What its provider has said about its beginning, or about another conversation in the same frame. */
  readonly reported: Reported | undefined
  /** The report is about this conversation. */
  readonly isOwn: boolean
  /** Nothing that its model thought is in it. */
  readonly isPlain: boolean
  /** The elements after what was reported that are the answer to it. */
  readonly answer: Answer | undefined
  /** Somebody has said something after what was reported: another turn has begun. */
  readonly isNewTurn: boolean
  /** Tells what the provider says about all of it, and what of that are thoughts. */
  report(usage: Usage, thoughts?: Thoughts): void
}

/** What of a conversation its model wrote. */
export interface Answer {
  readonly text: number
  readonly calls: number
  /** How many elements it has; to its provider it is one message. */
  readonly elements: number
  readonly hasThoughts: boolean
}

export interface Reported {
  readonly elements: number
  readonly features: Features
  readonly usage: Usage
  readonly thoughts: Thoughts
}

/** Tokens of what a model thought. */
export interface Thoughts {
  /** In this turn: they are among what was reported. */
  readonly counted: number
  /** In earlier turns: they are not, but may be again. */
  readonly resting: number
}

export const noThoughts: Thoughts = { counted: 0, resting: 0 }

interface Element {
  /** Behind it. */
  readonly end: number
  /** What this and all before it count for. */
  readonly total: number
  readonly calls: number
  readonly results: number
  readonly author: Author
}

interface Known {
  readonly text: string
  readonly model: string
  /** Where the list begins; behind the body where there is none. */
  readonly start: number
  readonly elements: readonly Element[]
  /** Undefined while not all of the elements are counted. */
  readonly tail: string | undefined
  readonly around: Around
  reported: Reported | undefined
}

const mostKnown = 64
const mostFrames = 256
const noAround: Around = {
  features: { text: 0, tools: 0, declarations: 0, isForced: false, schema: 0, thinks: false },
  frame: '',
}
const mostCharacters = 32_000_000

/** Counts conversations: what one has in common with an earlier one was counted then, so a turn costs what it adds. */
export class PrefixCounts {
  readonly #pieces: PieceCounter
  /** The newest first. */
  #known: Known[] = []
  /** What was reported about the shortest conversation in a frame, by model. */
  readonly #frames = new Map<string, Reported>()

  constructor(pieces: PieceCounter) {
    this.#pieces = pieces
  }

  /** Counts a piece of what is new, for so long; true where nothing is left to count. */
  advance(text: string, model: string, forMs: number): boolean {
    const { from, common } = this.#commonPart(text, model)
    const { start, elements } = this.#read(text, from, common, performance.now() + forMs)
    this.#remember(
      {
        text,
        model,
        start,
        elements,
        // What surrounds the elements is counted in the end, unless it is as it was.
        tail: from?.tail,
        around: from?.around ?? noAround,
        reported: reportedWithin(from, common),
      },
      from,
    )
    return nextElement(text, elements.at(-1)?.end ?? start) === undefined
  }

  count(text: string, model: string): CountedBody {
    const { from, common } = this.#commonPart(text, model)
    const counted = this.#goOn(text, model, from, common)
    this.#remember(counted, from)
    const { elements, around, reported } = counted
    const frame = `${model} ${around.frame}`
    const features = {
      ...around.features,
      text: around.features.text + (elements.at(-1)?.total ?? 0),
      messages: elements.length,
      calls: elements.at(-1)?.calls ?? 0,
      results: elements.at(-1)?.results ?? 0,
    }
    // Thoughts that are counted or not would be taken for what stands around.
    const isPlain = elements.every(({ author }) => author !== 'model-with-thoughts')
    return {
      features,
      reported: reported ?? this.#frames.get(frame),
      isOwn: reported !== undefined,
      isPlain,
      answer: reported && answerIn(elements, reported.elements),
      isNewTurn:
        reported !== undefined &&
        elements.slice(reported.elements).some(({ author }) => author === 'other'),
      report: (usage, thoughts = noThoughts) => {
        counted.reported = { elements: elements.length, features, usage, thoughts }
        if (isPlain) this.#keepFrame(frame, counted.reported)
      },
    }
  }

  #keepFrame(frame: string, reported: Reported): void {
    const known = this.#frames.get(frame)
    if (known !== undefined && known.elements < reported.elements) return
    this.#frames.delete(frame)
    this.#frames.set(frame, reported)
    if (this.#frames.size <= mostFrames) return
    const [oldest] = this.#frames.keys()
    if (oldest !== undefined) this.#frames.delete(oldest)
  }

  /** The known conversation with most in common, and how many elements that are. */
  #commonPart(text: string, model: string): { from: Known | undefined; common: number } {
    let best: { from: Known | undefined; common: number } = { from: undefined, common: 0 }
    for (const known of this.#known) {
      const { elements } = known
      const first = elements[0]
      const last = elements.at(-1)
      if (first === undefined || last === undefined || known.model !== model) continue
      if (!startsAlike(text, known.text, first.end)) continue
      if (startsAlike(text, known.text, last.end)) return { from: known, common: elements.length }
      const length = commonStart(text, known.text, 0)
      const common = elements.findIndex(({ end }) => end > length)
      if (common > best.common) best = { from: known, common }
    }
    return best
  }

  #read(
    text: string,
    from: Known | undefined,
    common: number,
    until: number,
  ): { readonly start: number; readonly elements: readonly Element[] } {
    const start = from?.start ?? findList(text)?.start ?? text.length
    const elements = from?.elements.slice(0, common) ?? []
    do {
      const { end: before = start, total = 0, calls = 0, results = 0 } = elements.at(-1) ?? {}
      const element = nextElement(text, before)
      if (element === undefined) break
      const value: unknown = JSON.parse(text.slice(element.start, element.end))
      const steps = this.#pieces.stepsOf(value)
      const author = this.#pieces.authorOf(value)
      elements.push({
        end: element.end,
        total: (author === 'compaction' ? 0 : total) + this.#pieces.element(value),
        calls: calls + steps.calls,
        results: results + steps.results,
        author,
      })
    } while (performance.now() < until)
    return { start, elements }
  }

  #goOn(text: string, model: string, from: Known | undefined, common: number): Known {
    const { start, elements } = this.#read(text, from, common, Infinity)
    const tail = text.slice(elements.at(-1)?.end ?? start)
    const isSame = from !== undefined && from.tail === tail
    const first = nextElement(text, start)
    return {
      text,
      model,
      start,
      elements,
      tail,
      around: isSame
        ? from.around
        : this.#pieces.around(
            JSON.parse(text.slice(0, start) + tail) as never,
            first && JSON.parse(text.slice(first.start, first.end)),
          ),
      reported: isSame ? reportedWithin(from, common) : undefined,
    }
  }

  #remember(counted: Known, from: Known | undefined): void {
    const known = [counted]
    let characters = counted.text.length
    for (const other of this.#known) {
      characters += other.text.length
      if (known.length === mostKnown || characters > mostCharacters) break
      // What was common stays known: it is the beginning of the new one.
      if (other !== from || other.elements.length > counted.elements.length) known.push(other)
    }
    this.#known = known
  }
}

/** What was reported about no more than what two conversations have in common. */
function reportedWithin(from: Known | undefined, common: number): Reported | undefined {
  const reported = from?.reported
  return reported !== undefined && reported.elements <= common ? reported : undefined
}

/** What the model wrote right after the elements that its provider has counted. */
function answerIn(elements: readonly Element[], from: number): Answer | undefined {
  let end = from
  let hasThoughts = false
  for (; end < elements.length; end++) {
    const author = elements[end]?.author
    if (author !== 'model' && author !== 'model-with-thoughts') break
    hasThoughts ||= author === 'model-with-thoughts'
  }
  if (end === from) return undefined
  const last = elements[end - 1]
  const before = elements[from - 1]
  return {
    text: (last?.total ?? 0) - (before?.total ?? 0),
    calls: (last?.calls ?? 0) - (before?.calls ?? 0),
    elements: end - from,
    hasThoughts,
  }
}
