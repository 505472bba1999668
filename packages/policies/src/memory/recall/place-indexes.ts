import { setImmediate } from 'node:timers/promises'
import { placeKey } from '@holdfast/core/memory'
import type { MemoryPlace, MemoryStore } from '@holdfast/core/memory'
import { findableBy, PlaceIndex } from './place-index.ts'
import type { IndexQuery } from './place-index.ts'

/** So many are looked for by their words, and so many by their vectors; which of them fit best is decided here. */
const searchLimit = 300

interface Held {
  index: PlaceIndex
  cursor: string | undefined
  /** Who asks meanwhile waits for the same look. */
  looking: Promise<void> | undefined
}

export interface PlaceIndexesOptions {
  /** So many are held together. @default 300_000 */
  readonly mostVersions?: number
  /** A place with more versions is searched in its store, where that can be. @default 250_000 */
  readonly largeFrom?: number
  /** Vectors are given to memories that have none. @default false */
  readonly embeds?: boolean
}

/** The indexes of the places that were asked for lately, each brought up to what its store says before it is used. */
export class PlaceIndexes {
  readonly #store: MemoryStore
  readonly #mostVersions: number
  readonly #embeds: boolean
  readonly #largeFrom: number
  /** Places that are searched in their store. */
  readonly #large = new Set<string>()
  /** Places that cannot be, however large they are. */
  readonly #small = new Set<string>()
  readonly #held = new Map<string, Held>()

  constructor(
    store: MemoryStore,
    { mostVersions = 300_000, largeFrom = 250_000, embeds = false }: PlaceIndexesOptions = {},
  ) {
    this.#store = store
    this.#mostVersions = mostVersions
    this.#embeds = embeds
    this.#largeFrom = largeFrom
  }

  /** The index of a place, as the store knows it now; of a large one what fits what is asked. */
  async of(
    place: MemoryPlace,
    asked: Pick<IndexQuery, 'terms'> & {
      readonly vector?: IndexQuery['vector'] | Promise<IndexQuery['vector']>
    },
  ): Promise<PlaceIndex> {
    const key = placeKey(place)
    if (await this.#isLarge(key, place)) {
      const { terms, vector } = asked
      const searched = await this.#store.search?.(place, {
        terms,
        cut: (version) => {
          const { said, all } = findableBy(version)
          return { terms: all, length: said.length }
        },
        vector: await vector,
        limit: searchLimit,
      })
      if (searched !== undefined) {
        const { versions, ...statistics } = searched
        const index = new PlaceIndex({ embeds: this.#embeds, statistics })
        for (const version of versions) index.add(version)
        return index
      }
      this.#large.delete(key)
      this.#small.add(key)
    }
    const held = this.#held.get(key) ?? {
      index: this.#empty(),
      cursor: undefined,
      looking: undefined,
    }
    // The last used stands last.
    this.#held.delete(key)
    this.#held.set(key, held)
    // A look that began before this question may have missed what was written in between.
    await held.looking
    held.looking ??= this.#look(place, held).finally(() => (held.looking = undefined))
    await held.looking
    this.#letGo(key)
    if (
      held.index.size > this.#largeFrom &&
      !this.#small.has(key) &&
      this.#store.search !== undefined
    ) {
      this.#large.add(key)
      this.#held.delete(key)
    }
    return held.index
  }

  /** Asked once for each place that is not held. */
  async #isLarge(key: string, place: MemoryPlace): Promise<boolean> {
    if (this.#large.has(key)) return true
    if (this.#held.has(key) || this.#small.has(key) || this.#store.search === undefined)
      return false
    const size = (await this.#store.size?.(place)) ?? 0
    if (size <= this.#largeFrom) return false
    this.#large.add(key)
    return true
  }

  async #look(place: MemoryPlace, held: Held): Promise<void> {
    for (let pages = 0, more = true; more; pages++) {
      // A large place is read in pieces, between which other work goes on.
      if (pages > 0) await setImmediate()
      const changes = await this.#store.changes(place, held.cursor)
      if (changes.fromStart && held.cursor !== undefined) held.index = this.#empty()
      for (const version of changes.versions) held.index.add(version)
      ;({ cursor: held.cursor, more } = changes)
    }
  }

  #empty(): PlaceIndex {
    return new PlaceIndex({ embeds: this.#embeds })
  }

  #letGo(keep: string): void {
    let versions = 0
    for (const { index } of this.#held.values()) versions += index.size
    for (const [key, { index, looking }] of this.#held) {
      if (versions <= this.#mostVersions) return
      if (key === keep || looking !== undefined) continue
      versions -= index.size
      this.#held.delete(key)
    }
  }
}
