import type { Embedding, MemoryVersion } from '@holdfast/core/memory'
import { termsOf } from './terms.ts'
import { topicWords } from './topic-words.ts'
import { VectorScan } from './vector-scan.ts'

/** How far words are worth more the oftener a text has them, and how far long texts are held back. */
const saturation = 1.2
const lengthShare = 0.55
/** What a turn is worth because of what the turns next to it say. */
const neighbourShare = 0.3
/** The same for a turn that follows a question, and what is left to the question itself: it seldom answers another one. */
const answerShare = 0.5
const questionShare = 0.8
/**
 * So many places of words open a search, from the rarest word on. Of words that are commoner than that, the memories that
 * were found are asked whether they have them: they decide little, and would cost most.
 */
const mostPlaces = 8_000
/** So many times as many as are wanted are scored with all words. */
const scoredPerWanted = 5

/** What is known of a place of which only a part is in the index. */
export interface PlaceStatistics {
  readonly count: number
  readonly averageLength: number
  readonly frequencies: ReadonlyMap<string, number>
}

/** A memory that fits a query, and how much. */
export interface Match {
  readonly version: MemoryVersion
  /** Its words: 1 would be a short text with all words of the query, often. */
  readonly lexical: number
  /** How much of what the query asks the text has at all, rare words counting most: from 0 to 1. */
  readonly coverage: number
  /** Cosine to the query; undefined where there is nothing to compare. */
  readonly vector: number | undefined
}

/** What a query is as far as an index is concerned. */
export interface IndexQuery {
  readonly terms: readonly string[]
  readonly vector?: Embedding | undefined
  /** Only what stood then, and had not expired. */
  readonly atMs: number
  /** After so long a memory counts half as recent; decides which of many matches are looked at. */
  readonly halfLifeMs: number
  readonly relevanceWeight: number
  readonly recencyWeight: number
  readonly limit: number
  readonly fits?: ((version: MemoryVersion) => boolean) | undefined
}

/** The versions of one place, found by words and by vectors. Nothing in it comes from another place: not even how rare a word is. */
export class PlaceIndex {
  readonly #versions: MemoryVersion[] = []
  /** From when until when each stands. */
  readonly #since: number[] = []
  readonly #until: number[] = []
  readonly #lengths: number[] = []
  readonly #newest = new Map<string, number>()
  readonly #postings = new Map<string, Posting>()
  readonly #vectors = new VectorScan()
  readonly #embeds: boolean
  readonly #statistics: PlaceStatistics | undefined
  /** Newest versions that are found by their words alone. */
  readonly #withoutVector = new Set<number>()
  #totalLength = 0
  /** How far a text is held back, and how much more for each of its words. */
  readonly #held = saturation * (1 - lengthShare)
  #heldPerWord = 0
  #turns = 0
  #scores = new Float32Array(1_024)
  #coverages = new Float32Array(1_024)

  /** `embeds`: whether somebody gives vectors to those that have none. */
  constructor({
    embeds = false,
    statistics,
  }: { readonly embeds?: boolean; readonly statistics?: PlaceStatistics } = {}) {
    this.#embeds = embeds
    this.#statistics = statistics
  }

  get size(): number {
    return this.#versions.length
  }

  add(version: MemoryVersion): void {
    const doc = this.#versions.length
    const superseded = this.#newest.get(version.id)
    if (superseded !== undefined) {
      this.#withoutVector.delete(superseded)
      this.#until[superseded] = Math.min(this.#until[superseded] ?? Infinity, version.atMs)
    }
    this.#newest.set(version.id, doc)
    this.#versions.push(version)
    if (version.kind === 'turn') this.#turns++
    this.#since.push(version.atMs)
    this.#until.push(version.expiresAtMs ?? Infinity)
    const { said, all } = findableBy(version)
    this.#lengths.push(said.length)
    this.#totalLength += said.length
    for (const term of all) {
      const posting = this.#postings.get(term)
      if (posting === undefined) this.#postings.set(term, { docs: [doc], counts: [1] })
      else if (posting.docs.at(-1) === doc) posting.counts[posting.counts.length - 1]!++
      else {
        posting.docs.push(doc)
        posting.counts.push(1)
      }
    }
    if (version.embedding !== undefined) this.#vectors.add(doc, version.embedding)
    else if (this.#embeds && version.place.tier === 'long-term') this.#withoutVector.add(doc)
  }

  /** So many of the memories that have no vector and stand, the oldest first. */
  withoutVector(limit: number, atMs: number): MemoryVersion[] {
    const found: MemoryVersion[] = []
    for (const doc of this.#withoutVector) {
      if (found.length === limit) break
      if (atMs < (this.#until[doc] as number)) found.push(this.#versions[doc] as MemoryVersion)
    }
    return found
  }

  /** The best matches, in no order. */
  search(query: IndexQuery): Match[] {
    const { limit } = query
    const vector = query.vector && this.#vectors.comparable(query.vector)
    const touched = this.#score(query)
    const docs = new Set(this.#best(touched, query, limit))
    if (vector !== undefined) {
      const near = this.#vectors.nearest(vector, limit, (doc) => this.#isWanted(doc, query))
      for (const doc of near) docs.add(doc)
    }
    const matches = [...docs].map((doc) => this.#match(doc, vector))
    for (const doc of touched) this.#scores[doc] = this.#coverages[doc] = 0
    return matches
  }

  /** Of those with a score, the best by score and age that are wanted at all. */
  #best(docs: readonly number[], query: IndexQuery, limit: number): number[] {
    const { atMs, relevanceWeight, recencyWeight } = query
    const decay = Math.LN2 / query.halfLifeMs
    let top = 0
    for (const doc of docs) top = Math.max(top, this.#scores[doc] as number)
    const best = new Best(limit)
    for (const doc of docs) {
      const relevance = (relevanceWeight * (this.#scores[doc] as number)) / top
      // Most would not be among the best if they were of this moment.
      if (relevance + recencyWeight <= best.worst || !this.#isWanted(doc, query)) continue
      const recency =
        recencyWeight === 0 ? 0 : Math.exp(((this.#since[doc] as number) - atMs) * decay)
      best.add(doc, relevance + recencyWeight * recency)
    }
    return best.docs()
  }

  #isWanted(doc: number, { atMs, fits }: IndexQuery): boolean {
    return (
      (this.#since[doc] as number) <= atMs &&
      atMs < (this.#until[doc] as number) &&
      fits?.(this.#versions[doc] as MemoryVersion) !== false
    )
  }

  #match(doc: number, vector: Float32Array | undefined): Match {
    return {
      version: this.#versions[doc] as MemoryVersion,
      lexical: this.#scores[doc] ?? 0,
      coverage: this.#coverages[doc] ?? 0,
      vector: vector === undefined ? undefined : this.#vectors.similarity(doc, vector),
    }
  }

  /** Scores the memories that have words of the query, as BM25 does, and answers with those. */
  #score(query: IndexQuery): number[] {
    const count = this.#versions.length
    if (this.#scores.length < count) {
      this.#scores = new Float32Array(count * 2)
      this.#coverages = new Float32Array(count * 2)
    }
    const averageLength = this.#statistics?.averageLength ?? (this.#totalLength / count || 1)
    this.#heldPerWord = (saturation * lengthShare) / averageLength
    const words = this.#wanted(query.terms)
    const touched: number[] = []
    let places = 0
    let opened = 0
    for (const word of words) {
      places += word.docs.length
      if (opened > 0 && places > mostPlaces) break
      opened++
      for (let at = 0; at < word.docs.length; at++) {
        const doc = word.docs[at] as number
        if (this.#coverages[doc] === 0) touched.push(doc)
        this.#count(doc, word, at)
      }
    }
    this.#regardNeighbours(touched)
    if (opened === words.length) return touched
    for (const doc of this.#best(touched, query, query.limit * scoredPerWanted)) {
      for (const word of words.slice(opened)) {
        const at = placeOf(doc, word.docs)
        if (at !== -1) this.#count(doc, word, at)
      }
    }
    return touched
  }

  /** The words of a query that occur, the rarest first, and how much each decides. */
  #wanted(terms: readonly string[]): WantedWord[] {
    const count = this.#statistics?.count ?? this.#versions.length
    const times = new Map<string, number>()
    for (const term of terms) times.set(term, (times.get(term) ?? 0) + 1)
    const rarities = [...times].map(([term, often]) => {
      const { docs = [], counts = [] } = this.#postings.get(term) ?? {}
      const known = this.#statistics?.frequencies.get(term) ?? 0
      const among = this.#statistics === undefined ? docs.length : Math.max(known, docs.length)
      const rarity = Math.log(1 + Math.max(0, count - among + 0.5) / (among + 0.5))
      return { docs, counts, weight: rarity * often }
    })
    const total = rarities.reduce((sum, { weight }) => sum + weight, 0)
    return rarities
      .filter(({ docs }) => docs.length > 0)
      .map(({ docs, counts, weight }) => ({ docs, counts, share: weight / total }))
      .toSorted((one, other) => one.docs.length - other.docs.length)
  }

  #count(doc: number, { counts, share }: WantedWord, at: number): void {
    const often = counts[at] as number
    const held = this.#held + this.#heldPerWord * (this.#lengths[doc] as number)
    this.#coverages[doc] = (this.#coverages[doc] as number) + share
    this.#scores[doc] = (this.#scores[doc] as number) + (share * often) / (often + held)
  }

  /** In a conversation the answer often stands next to the words that it is found by, most of all behind a question. */
  #regardNeighbours(touched: number[]): void {
    if (this.#turns === 0) return
    const added: [doc: number, more: number][] = []
    for (const doc of touched) {
      const turn = this.#versions[doc] as MemoryVersion
      if (turn.kind !== 'turn') continue
      // Nothing but a question: whoever also tells something may have told the answer.
      const asks = /^[^.!。！]*[?？]\s*$/.test(turn.text)
      const score = this.#scores[doc] as number
      for (const [other, share] of [
        [doc - 1, neighbourShare],
        [doc + 1, asks ? answerShare : neighbourShare],
      ] as const) {
        const neighbour = this.#versions[other]
        if (neighbour?.kind === 'turn' && neighbour.source.session === turn.source.session) {
          added.push([other, score * share])
        }
      }
      if (asks) this.#scores[doc] = score * questionShare
    }
    for (const [doc, more] of added) {
      if (this.#scores[doc] === 0) touched.push(doc)
      this.#scores[doc] = (this.#scores[doc] as number) + more
    }
  }
}

/** The words that a memory is found by: its own, and those that its topic is asked by. */
export function findableBy({ text, topic }: MemoryVersion): {
  readonly said: readonly string[]
  readonly all: readonly string[]
} {
  const said = termsOf(text)
  return { said, all: topic === undefined ? said : [...said, ...termsOf(topicWords(topic))] }
}

interface Posting {
  /** Ascending. */
  readonly docs: number[]
  readonly counts: number[]
}

interface WantedWord {
  readonly docs: readonly number[]
  readonly counts: readonly number[]
  /** Of all that the query asks. */
  readonly share: number
}

/** Where a doc stands in an ascending list; -1 for nowhere. */
function placeOf(doc: number, docs: readonly number[]): number {
  let [from, to] = [0, docs.length - 1]
  while (from <= to) {
    const middle = (from + to) >> 1
    const found = docs[middle] as number
    if (found === doc) return middle
    if (found < doc) from = middle + 1
    else to = middle - 1
  }
  return -1
}

/** Keeps the best of many. */
class Best {
  readonly #limit: number
  /** A heap whose first is the worst. */
  readonly #heap: { readonly doc: number; readonly score: number }[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** What a score has to be above. */
  get worst(): number {
    return this.#heap.length < this.#limit ? -Infinity : this.#heap[0]!.score
  }

  add(doc: number, score: number): void {
    const heap = this.#heap
    if (heap.length < this.#limit) {
      heap.push({ doc, score })
      for (let at = heap.length - 1; at > 0;) {
        const parent = (at - 1) >> 1
        if (heap[parent]!.score <= heap[at]!.score) break
        ;[heap[parent], heap[at]] = [heap[at]!, heap[parent]!]
        at = parent
      }
    } else if (score > heap[0]!.score) {
      heap[0] = { doc, score }
      for (let at = 0; ;) {
        let least = at
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < heap.length && heap[child]!.score < heap[least]!.score) least = child
        }
        if (least === at) break
        ;[heap[least], heap[at]] = [heap[at]!, heap[least]!]
        at = least
      }
    }
  }

  docs(): number[] {
    return this.#heap.map(({ doc }) => doc)
  }
}
