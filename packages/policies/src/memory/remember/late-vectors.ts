import type { MemoryStore } from '@holdfast/core/memory'
import { embedAll } from '../embedder.ts'
import type { Embedder } from '../embedder.ts'
import type { PlaceIndex } from '../recall/place-index.ts'

/** So many texts go to the embedder at once, and so many times in one go. */
const batchSize = 64
const mostBatches = 8
const timeoutMs = 30_000
/** After a failure nobody tries for so long. */
const restMs = 30_000

/** Memories that were kept while the embedder was away, or before there was one, get their vectors in the background. */
export class LateVectors {
  readonly #store: MemoryStore
  readonly #embedder: Embedder
  readonly #facts: { readonly now: () => number; readonly bug: (error: unknown) => void }
  #work: Promise<void> | undefined
  #restUntilMs = -Infinity

  constructor(
    store: MemoryStore,
    embedder: Embedder,
    facts: { readonly now: () => number; readonly bug: (error: unknown) => void },
  ) {
    this.#store = store
    this.#embedder = embedder
    this.#facts = facts
  }

  /** To be called when the embedder has just answered. Never throws, and nobody waits for it. */
  add(indexes: readonly PlaceIndex[]): void {
    const { now, bug } = this.#facts
    if (this.#work !== undefined || now() < this.#restUntilMs) return
    const missing = indexes
      .flatMap((index) => index.withoutVector(batchSize * mostBatches, now()))
      .slice(0, batchSize * mostBatches)
    if (missing.length === 0) return
    const work = async (): Promise<void> => {
      for (let from = 0; from < missing.length; from += batchSize) {
        const batch = missing.slice(from, from + batchSize)
        const texts = batch.map(({ text }) => text)
        const embeddings = await embedAll(this.#embedder, texts, timeoutMs)
        for (const [at, version] of batch.entries()) {
          const embedding = embeddings[at]
          if (embedding !== undefined) await this.#store.addVector({ ...version, embedding })
        }
      }
    }
    this.#work = work()
      .catch((error: unknown) => {
        this.#restUntilMs = now() + restMs
        bug(error)
      })
      .finally(() => (this.#work = undefined))
  }

  /** What is under way. */
  get settled(): Promise<void> {
    return this.#work ?? Promise.resolve()
  }
}
