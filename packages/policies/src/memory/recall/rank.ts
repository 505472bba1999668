import type { MemoryVersion } from '@holdfast/core/memory'
import { termsOf } from './terms.ts'
import type { IndexQuery, PlaceIndex } from './place-index.ts'

/** What a memory was found by; all from 0 to 1 but `vector`. */
export interface RecallScores {
  /** What hits are ordered by. */
  readonly total: number
  /** Words and vector together; 1 is the best of this recall. */
  readonly relevance: number
  readonly lexical: number
  /** Cosine to the query, from -1 to 1; undefined without an embedder. */
  readonly vector?: number
  /** How much of what the query asks the memory has at all, rare words counting most. */
  readonly coverage: number
  readonly recency: number
  readonly importance: number
}

/** A memory that was recalled. */
export interface RecallHit {
  readonly memory: MemoryVersion
  readonly scores: RecallScores
}

export interface RankOptions {
  /** What the query asks for. */
  readonly terms: IndexQuery['terms']
  readonly vector: IndexQuery['vector']
  readonly atMs: number
  readonly maxItems: number
  readonly recencyWeight: number
  readonly relevanceWeight: number
  readonly vectorWeight: number
  readonly halfLifeMs: number
  readonly diversity: number
  readonly minCoverage: number
  readonly fits?: ((version: MemoryVersion) => boolean) | undefined
}

/** What fits best, best first, of several places. */
export function rank(indexes: readonly PlaceIndex[], options: RankOptions): RecallHit[] {
  const { terms, vector, atMs, maxItems, vectorWeight, minCoverage } = options
  const recency = (ageMs: number): number => 0.5 ** (Math.max(0, ageMs) / options.halfLifeMs)
  const wanted: IndexQuery = {
    terms,
    vector,
    atMs,
    halfLifeMs: options.halfLifeMs,
    relevanceWeight: options.relevanceWeight,
    recencyWeight: options.recencyWeight,
    limit: Math.max(40, maxItems * 4),
    fits: options.fits,
  }
  const matches = indexes
    .flatMap((index) => index.search(wanted))
    .filter(({ coverage, vector: cosine = 0 }) => coverage >= minCoverage || cosine >= closeEnough)
  const topLexical = Math.max(...matches.map(({ lexical }) => lexical))
  // Even texts that have nothing in common are somewhat near each other: how near, each embedder has its own idea.
  const nearness = matches.flatMap(({ vector: cosine }) => cosine ?? []).toSorted((a, b) => a - b)
  const farVector = nearness[(nearness.length - 1) >> 1] ?? 0
  const topVector = Math.max(0, nearness.at(-1) ?? 0)
  const hits = matches.map((match): RecallHit => {
    const { version, coverage, vector: cosine } = match
    const lexical = topLexical > 0 ? match.lexical / topLexical : 0
    const near =
      cosine === undefined
        ? 0
        : topVector > farVector
          ? Math.max(0, (cosine - farVector) / (topVector - farVector))
          : 1
    const relevance =
      vector === undefined ? lexical : (1 - vectorWeight) * lexical + vectorWeight * near
    const recent = recency(atMs - version.atMs)
    const { importance } = version
    const base = options.relevanceWeight * relevance + options.recencyWeight * recent
    return {
      memory: version,
      scores: {
        // Of middling importance it counts as it is.
        total: base * (0.8 + 0.4 * importance),
        relevance,
        lexical,
        ...(cosine === undefined ? {} : { vector: cosine }),
        coverage,
        recency: recent,
        importance,
      },
    }
  })
  return diverse(
    hits.toSorted((one, other) => other.scores.total - one.scores.total),
    maxItems,
    options.diversity,
  )
}

/** A vector that is this close is a match without a word in common. */
const closeEnough = 0.2

/** Takes the best, then again and again the best that is not like those taken: maximal marginal relevance. */
function diverse(sorted: readonly RecallHit[], maxItems: number, diversity: number): RecallHit[] {
  if (diversity === 0 || sorted.length <= 1) return sorted.slice(0, maxItems)
  const rest = sorted
    .slice(0, Math.max(20, maxItems * 3))
    .map((hit) => ({ hit, terms: new Set(termsOf(hit.memory.text)), penalty: 0 }))
  const taken: RecallHit[] = []
  while (rest.length > 0 && taken.length < maxItems) {
    let best = 0
    for (const [index, one] of rest.entries()) {
      const better = rest[best]
      if (
        better !== undefined &&
        one.hit.scores.total - one.penalty > better.hit.scores.total - better.penalty
      )
        best = index
    }
    const [chosen] = rest.splice(best, 1)
    if (chosen === undefined) break
    taken.push(chosen.hit)
    for (const one of rest) {
      // Only what says nearly the same is held back: two sides of one matter have many words in common.
      const alike = likeness(one.terms, chosen.terms) ** 3
      one.penalty = Math.max(one.penalty, diversity * alike)
    }
  }
  return taken
}

/** How many of all their words two texts have in common, from 0 to 1. */
export function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size === 0 || other.size === 0) return 0
  let common = 0
  for (const term of one) if (other.has(term)) common++
  return common / (one.size + other.size - common)
}
