import { setImmediate } from 'node:timers/promises'
import { placeKey } from '@holdfast/core/memory'
import type { MemoryPlace, MemoryStore } from '@holdfast/core/memory'
import { PlaceIndex } from './place-index.ts'

interface Held {
  index: PlaceIndex
  cursor: string | undefined
  /** Who asks meanwhile waits for the same look. */
  looking: Promise<void> | undefined
}

export interface PlaceIndexesOptions {
  /** So many are held together. @default 300_000 */
  readonly mostVersions?: number
  /** Vectors are given to memories that have none. @default false */
  readonly embeds?: boolean
}

/** The indexes of the places that were asked for lately, each brought up to what its store says before it is used. */
export class PlaceIndexes {
  readonly #store: MemoryStore
  readonly #mostVersions: number
  readonly #embeds: boolean
  readonly #held = new Map<string, Held>()

  constructor(
    store: MemoryStore,
    { mostVersions = 300_000, embeds = false }: PlaceIndexesOptions = {},
  ) {
    this.#store = store
    this.#mostVersions = mostVersions
    this.#embeds = embeds
  }

  /** The index of a place, as the store knows it now. */
  async of(place: MemoryPlace): Promise<PlaceIndex> {
    const key = placeKey(place)
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
    return held.index
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
