import type { MemoryVersion } from '@holdfast/core/memory'
import { termsOf } from './terms.ts'
import { topicWords } from './topic-words.ts'
import { VectorScan } from './vector-scan.ts'

/** How far words are worth more the oftener a text has them, and how far long texts are held back. */
const saturation = 1.2
const lengthShare = 0.55
/** What a turn is worth because of what the turns next to it say. */
const neighbourShare = 0.3
/** Above so many memories, words that one in five has do not open a search: they would cost more than they tell. */
const mostForCommonWords = 2_000

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
  readonly vector?: { readonly model: string; readonly values: Float32Array } | undefined
  /** Only what stood then, and had not expired. */
  readonly atMs: number
  /** From 0 to 1 by how old a memory is; decides which of many matches are looked at. */
  readonly recency: (ageMs: number) => number
  readonly relevanceWeight: number
  readonly recencyWeight: number
  readonly limit: number
  readonly fits?: ((version: MemoryVersion) => boolean) | undefined
}

/** The versions of one place, found by words and by vectors. Nothing in it comes from another place: not even how rare a word is. */
export class PlaceIndex {
  readonly #versions: MemoryVersion[] = []
  /** Until when each stands. */
  readonly #until: number[] = []
  readonly #lengths: number[] = []
  readonly #newest = new Map<string, number>()
  readonly #postings = new Map<string, Posting>()
  readonly #vectors = new VectorScan()
  #totalLength = 0
  #scores = new Float32Array(1_024)
  #coverages = new Float32Array(1_024)

  get size(): number {
    return this.#versions.length
  }

  add(version: MemoryVersion): void {
    const doc = this.#versions.length
    const superseded = this.#newest.get(version.id)
    if (superseded !== undefined) {
      this.#until[superseded] = Math.min(this.#until[superseded] ?? Infinity, version.atMs)
    }
    this.#newest.set(version.id, doc)
    this.#versions.push(version)
    this.#until.push(version.expiresAtMs ?? Infinity)
    const said = termsOf(version.text)
    this.#lengths.push(said.length)
    this.#totalLength += said.length
    const asked = version.topic === undefined ? [] : termsOf(topicWords(version.topic))
    for (const term of [...said, ...asked]) {
      const posting = this.#postings.get(term)
      if (posting === undefined) this.#postings.set(term, { docs: [doc], counts: [1] })
      else if (posting.docs.at(-1) === doc) posting.counts[posting.counts.length - 1]!++
      else {
        posting.docs.push(doc)
        posting.counts.push(1)
      }
    }
    if (version.embedding !== undefined) this.#vectors.add(doc, version.embedding)
  }

  /** The best matches, in no order. */
  search(query: IndexQuery): Match[] {
    const { vector, atMs, recency, limit, fits } = query
    const touched = this.#score(query.terms)
    const best = new Best(limit)
    const lookAt = (doc: number, lexical: number): void => {
      if (!this.#stands(doc, atMs)) return
      const version = this.#versions[doc]
      if (version === undefined || fits?.(version) === false) return
      const age = recency(atMs - version.atMs)
      best.add(doc, query.relevanceWeight * lexical + query.recencyWeight * age)
    }
    let top = 0
    for (const doc of touched) top = Math.max(top, this.#scores[doc] ?? 0)
    for (const doc of touched) lookAt(doc, (this.#scores[doc] ?? 0) / top)
    const docs = new Set(best.docs())
    if (vector !== undefined) {
      const near = this.#vectors.nearest(vector, limit, (doc) => {
        const version = this.#versions[doc]
        return this.#stands(doc, atMs) && version !== undefined && fits?.(version) !== false
      })
      for (const doc of near) docs.add(doc)
    }
    const matches = [...docs].map((doc) => this.#match(doc, vector))
    for (const doc of touched) this.#scores[doc] = this.#coverages[doc] = 0
    return matches
  }

  /** Memories that stand now. */
  *current(atMs: number): Generator<MemoryVersion> {
    for (const [doc, version] of this.#versions.entries()) {
      if (this.#stands(doc, atMs)) yield version
    }
  }

  #stands(doc: number, atMs: number): boolean {
    return (this.#versions[doc]?.atMs ?? Infinity) <= atMs && atMs < (this.#until[doc] ?? 0)
  }

  #match(doc: number, vector: IndexQuery['vector']): Match {
    return {
      version: this.#versions[doc] as MemoryVersion,
      lexical: this.#scores[doc] ?? 0,
      coverage: this.#coverages[doc] ?? 0,
      vector: vector === undefined ? undefined : this.#vectors.similarity(doc, vector),
    }
  }

  /** Scores every memory that has one of the words, as BM25 does, and answers with those. */
  #score(terms: readonly string[]): number[] {
    const count = this.#versions.length
    if (this.#scores.length < count) {
      this.#scores = new Float32Array(count * 2)
      this.#coverages = new Float32Array(count * 2)
    }
    const weights = new Map<string, number>()
    for (const term of terms) weights.set(term, (weights.get(term) ?? 0) + 1)
    const wanted = [...weights].map(([term, times]) => {
      const posting = this.#postings.get(term)
      const docs = posting?.docs.length ?? 0
      return { posting, docs, times, rarity: Math.log(1 + (count - docs + 0.5) / (docs + 0.5)) }
    })
    const total = wanted.reduce((sum, { rarity, times }) => sum + rarity * times, 0)
    const touched: number[] = []
    const averageLength = Math.max(1, this.#totalLength / Math.max(1, count))
    for (const one of wanted.toSorted((a, b) => a.docs - b.docs)) {
      const { posting, docs, rarity, times } = one
      if (posting === undefined) continue
      if (touched.length > 0 && count > mostForCommonWords && docs > count / 5) break
      const share = (rarity * times) / total
      for (let index = 0; index < docs; index++) {
        const doc = posting.docs[index] as number
        const often = posting.counts[index] as number
        const length = (this.#lengths[doc] as number) / averageLength
        const held = saturation * (1 - lengthShare + lengthShare * length)
        const before = this.#coverages[doc] as number
        if (before === 0) touched.push(doc)
        this.#coverages[doc] = before + share
        this.#scores[doc] = (this.#scores[doc] as number) + (share * often) / (often + held)
      }
    }
    this.#regardNeighbours(touched)
    return touched
  }

  /** In a conversation the answer often stands next to the words that it is found by. */
  #regardNeighbours(touched: number[]): void {
    const added: [doc: number, more: number][] = []
    for (const doc of touched) {
      const { kind, source } = this.#versions[doc] as MemoryVersion
      if (kind !== 'turn') continue
      const more = (this.#scores[doc] as number) * neighbourShare
      for (const other of [doc - 1, doc + 1]) {
        const neighbour = this.#versions[other]
        if (neighbour?.kind === 'turn' && neighbour.source.session === source.session)
          added.push([other, more])
      }
    }
    for (const [doc, more] of added) {
      if (this.#scores[doc] === 0) touched.push(doc)
      this.#scores[doc] = (this.#scores[doc] as number) + more
    }
  }
}

interface Posting {
  /** Ascending. */
  readonly docs: number[]
  readonly counts: number[]
}

/** Keeps the best of many. */
class Best {
  readonly #limit: number
  /** A heap whose first is the worst. */
  readonly #heap: { readonly doc: number; readonly score: number }[] = []

  constructor(limit: number) {
    this.#limit = limit
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
