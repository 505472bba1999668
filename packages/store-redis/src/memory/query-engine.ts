import { termHash } from '@holdfast/core/memory'
import type { Embedding, MemorySearched } from '@holdfast/core/memory'
import type { AskedRedis } from '../asked-redis.ts'
import type { memoryScripts } from './scripts.ts'

/** A version as it is made findable. */
export interface Findable {
  readonly name: string
  readonly terms: readonly string[]
  readonly length: number
  readonly atMs: number
  readonly embedding: Embedding | undefined
}

/** What is known of a place as a whole. */
export type PlaceStatistics = Omit<MemorySearched, 'versions'>

const lookedAtPerWanted = 10

/**
 * The query engine of Redis, over one hash for each version of the places that are searched. No word stands in it, only
 * hashes of words. There are two generations: that of Redis 8 (RediSearch 2.4 before), which follows the hashes by
 * itself and knows vectors (https://redis.io/docs/latest/commands/ft.search, 2026-11-22); and RediSearch 1, a module
 * that Debian and Ubuntu have (1.2.2), which is told of each hash and knows words alone.
 */
export class QueryEngine {
  readonly knowsVectors: boolean
  readonly #redis: AskedRedis<typeof memoryScripts>
  readonly #tag: string
  /** Each generation has an index of its own: what the one made is nothing to the other. */
  readonly #index: string
  #made: Promise<void> | undefined
  readonly #fields = new Map<string, Promise<unknown>>()

  private constructor(
    redis: AskedRedis<typeof memoryScripts>,
    { tag, followsHashes }: { readonly tag: string; readonly followsHashes: boolean },
  ) {
    this.#redis = redis
    this.#tag = tag
    this.knowsVectors = followsHashes
    this.#index = `${tag}:${followsHashes ? 'find' : 'find1'}`
  }

  /** That of the server; undefined where it has none. */
  static async of(
    redis: AskedRedis<typeof memoryScripts>,
    tag: string,
  ): Promise<QueryEngine | undefined> {
    try {
      // RediSearch 2 has brought the second one.
      const asked = ['INFO', 'FT.SEARCH', 'FT.DROPINDEX']
      const [search, dropIndex] = (await call(redis, 'COMMAND', asked)) as unknown[]
      if (!Array.isArray(search)) return undefined
      return new QueryEngine(redis, { tag, followsHashes: Array.isArray(dropIndex) })
    } catch (error) {
      // Not everybody may ask what there is.
      if (isRefusal(error)) return undefined
      throw error
    }
  }

  /** Up to which sequence number a place is findable. */
  async upTo(place: string): Promise<string> {
    await this.#ready()
    const known = await this.#call('HGET', this.#upTo, place)
    return typeof known === 'string' ? known : '0'
  }

  /** Makes versions findable unless somebody has done so, or they were deleted, meanwhile. */
  async add(
    place: string,
    versions: readonly Findable[],
    { after, upTo }: { readonly after: string; readonly upTo: string },
  ): Promise<void> {
    for (const { embedding } of versions) await this.#vectorField(embedding)
    const rows = versions.flatMap(({ name, terms, length, atMs, embedding }) => [
      name,
      terms.map(wordOf).join(' '),
      length,
      atMs,
      ...(this.#isComparable(embedding)
        ? [fieldOf(embedding), bytesOf(embedding.vector)]
        : ['', '']),
    ])
    const index = this.knowsVectors ? '' : this.#index
    await this.#redis.run(
      'holdfastMemoryFindable',
      [`${this.#tag}:versions`, `${this.#tag}:findable:${place}`, this.#upTo],
      [`${this.#tag}:doc:${place}:`, index, place, after, upTo, ...rows],
    )
  }

  /** How long the versions of a place that are findable are in the mean. */
  async averageLength(place: string): Promise<number> {
    const state = await this.#call('HMGET', `${this.#tag}:findable:${place}`, 'length', 'count')
    const [length, count] = state as (string | null)[]
    return Number(length ?? 0) / Math.max(1, Number(count ?? 0))
  }

  /** In how many versions of the place each term is. */
  async frequencies(place: string, terms: readonly string[]): Promise<ReadonlyMap<string, number>> {
    await this.#ready()
    const asked = [...new Set(terms)]
    // RediSearch 1 finds one at least.
    const limit = this.knowsVectors ? 0 : 1
    const counts = await Promise.all(
      asked.map(async (term) => {
        const [count] = await this.#search(`@place:{${place}} @words:${wordOf(term)}`, limit)
        return Number(count)
      }),
    )
    return new Map(asked.flatMap((term, at) => (counts[at] ? [[term, counts[at]] as const] : [])))
  }

  /** Names of versions that have one of the words: those that they fit best, and the newest, so many of each. */
  async byWords(
    place: string,
    terms: readonly string[],
    limit: number,
    statistics: PlaceStatistics,
  ): Promise<string[]> {
    if (terms.length === 0) return []
    const query = `@place:{${place}} @words:(${terms.map(wordOf).join('|')})`
    const [best, [, ...newest]] = await Promise.all([
      this.knowsVectors
        ? this.#search(query, limit).then(([, ...keys]) => keys)
        : this.#bestOf(query, terms, limit, statistics),
      this.#search(query, limit, 'SORTBY', 'atMs', 'DESC'),
    ])
    return this.#namesOf(place, [...best, ...newest])
  }

  /** RediSearch 1 rounds how rare a word is and knows no length: of more than are wanted the best are chosen here. */
  async #bestOf(
    query: string,
    terms: readonly string[],
    limit: number,
    { count, averageLength, frequencies }: PlaceStatistics,
  ): Promise<unknown[]> {
    const how = ['VERBATIM', 'SCORER', 'BM25', 'RETURN', '2', 'words', 'length']
    const given = [query, ...how, 'LIMIT', '0', `${limit * lookedAtPerWanted}`]
    const [, ...found] = (await this.#call('FT.SEARCH', this.#index, ...given)) as unknown[]
    const rarities = new Map(
      terms.map((term) => {
        const often = frequencies.get(term) ?? 0
        return [wordOf(term), Math.log(1 + Math.max(0, count - often + 0.5) / (often + 0.5))]
      }),
    )
    const scored = []
    // Each key is followed by its fields: none where the hash is gone.
    for (let at = 0; at < found.length; at += 2) {
      const [, words = '', , length = ''] = found[at + 1] as string[]
      const times = new Map<string, number>()
      for (const word of words.split(' ')) {
        if (rarities.has(word)) times.set(word, (times.get(word) ?? 0) + 1)
      }
      // BM25 as it is known, and as Redis 8 has it.
      const held = 1.2 * (0.25 + (0.75 * Number(length)) / Math.max(1, averageLength))
      const parts = [...times].map(
        ([word, often]) => ((rarities.get(word) ?? 0) * often) / (often + held),
      )
      scored.push({ key: found[at], score: parts.reduce((sum, part) => sum + part, 0) })
    }
    return scored
      .toSorted((one, other) => other.score - one.score)
      .slice(0, limit)
      .map(({ key }) => key)
  }

  /** Names of the versions whose vectors are nearest. */
  async byVector(place: string, embedding: Embedding, limit: number): Promise<string[]> {
    if (!this.#isComparable(embedding)) return []
    await this.#vectorField(embedding)
    const query = `(@place:{${place}})=>[KNN ${limit} @${fieldOf(embedding)} $vector AS distance]`
    const given = ['PARAMS', '2', 'vector', bytesOf(embedding.vector), 'SORTBY', 'distance']
    const [, ...keys] = await this.#search(query, limit, ...given)
    return this.#namesOf(place, keys)
  }

  async #search(
    query: string,
    limit: number,
    ...more: readonly (string | Buffer)[]
  ): Promise<unknown[]> {
    const given = [query, 'NOCONTENT', 'VERBATIM', ...more, 'LIMIT', '0', `${limit}`]
    if (this.knowsVectors) given.push('DIALECT', '2')
    return (await this.#call('FT.SEARCH', this.#index, ...given)) as unknown[]
  }

  #namesOf(place: string, keys: readonly unknown[]): string[] {
    return keys.map((key) => String(key).slice(`${this.#tag}:doc:${place}:`.length))
  }

  get #upTo(): string {
    return `${this.#index}:up-to`
  }

  /** Makes the index where there is none. */
  #ready(): Promise<void> {
    this.#made ??= this.#make()
    this.#made.catch(() => (this.#made = undefined))
    return this.#made
  }

  async #make(): Promise<void> {
    const follows = this.knowsVectors ? ['ON', 'HASH', 'PREFIX', '1', `${this.#tag}:doc:`] : []
    const schema = ['place', 'TAG', 'words', 'TEXT', 'NOSTEM']
    schema.push('atMs', 'NUMERIC', 'SORTABLE', 'NOINDEX')
    const how = [this.#index, ...follows, 'NOOFFSETS', 'STOPWORDS', '0', 'SCHEMA', ...schema]
    if (!this.knowsVectors) {
      await isNew(this.#redis.run('holdfastMemoryIndex', [this.#upTo], how))
    } else if (await isNew(this.#call('FT.CREATE', ...how))) {
      // Where one was before, what it had may be gone.
      await this.#call('DEL', this.#upTo)
    }
  }

  /** Makes the field for the vectors of an embedder. */
  async #vectorField(embedding: Embedding | undefined): Promise<void> {
    if (!this.#isComparable(embedding)) return
    const field = fieldOf(embedding)
    let made = this.#fields.get(field)
    if (made === undefined) {
      const how = ['TYPE', 'FLOAT32', 'DIM', `${embedding.vector.length}`]
      how.push('DISTANCE_METRIC', 'COSINE')
      const added = ['SCHEMA', 'ADD', field, 'VECTOR', 'FLAT', '6', ...how]
      made = isNew(this.#call('FT.ALTER', this.#index, ...added))
      this.#fields.set(field, made)
      made.catch(() => this.#fields.delete(field))
    }
    await made
  }

  #isComparable(embedding: Embedding | undefined): embedding is Embedding {
    return this.knowsVectors && embedding !== undefined && embedding.vector.length > 0
  }

  #call(command: string, ...args: readonly (string | Buffer)[]): Promise<unknown> {
    return call(this.#redis, command, args)
  }
}

/** False where another process has made it. */
async function isNew(made: Promise<unknown>): Promise<boolean> {
  try {
    await made
    return true
  } catch (error) {
    if (/already exists|duplicate/i.test(String(error))) return false
    throw error
  }
}

/** What Redis itself refuses, unless it only has no time now. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return false
  return !/^(?:LOADING|BUSY|MASTERDOWN)/.test(error.message)
}

async function call(
  redis: AskedRedis<typeof memoryScripts>,
  command: string,
  args: readonly (string | Buffer)[],
): Promise<unknown> {
  const client = await redis.client()
  return redis.within(client.call(command, ...args))
}

/** Begins with a letter: no word of the engine's language, and no number. */
function wordOf(term: string): string {
  return `w${termHash(term)}`
}

function fieldOf({ model, vector }: Embedding): string {
  return `vector_${termHash(model)}_${vector.length}`
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
