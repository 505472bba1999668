import { termHash } from '@holdfast/core/memory'
import type { Embedding } from '@holdfast/core/memory'
import type { Cluster, Redis } from 'ioredis'

/** A version as it is made findable. */
export interface Findable {
  readonly name: string
  readonly terms: readonly string[]
  readonly embedding: Embedding | undefined
}

/**
 * The query engine of Redis 8 (before that a module of its own), over one hash for each version of the places that are
 * searched. No word stands in it, only hashes of words. https://redis.io/docs/latest/commands/ft.search (2026-11-21)
 */
export class QueryEngine {
  readonly #client: Redis | Cluster
  readonly #tag: string
  /** Fields of the index that are there; undefined before somebody has looked. */
  #fields: Set<string> | undefined

  constructor(client: Redis | Cluster, tag: string) {
    this.#client = client
    this.#tag = tag
  }

  /** Whether the server has it. */
  async isThere(): Promise<boolean> {
    try {
      const [known] = (await this.#client.call('COMMAND', 'INFO', 'FT.SEARCH')) as unknown[]
      return Array.isArray(known)
    } catch (error) {
      // Not everybody may ask what there is.
      if (error instanceof Error && error.name === 'ReplyError') return false
      throw error
    }
  }

  /** The key of the hash that a version is found by. */
  keyOf(place: string, name: string): string {
    return `${this.#tag}:doc:${place}:${name}`
  }

  async add(place: string, versions: readonly Findable[]): Promise<void> {
    await this.#indexed(versions.flatMap(({ embedding }) => embedding ?? []))
    const pipeline = this.#client.pipeline()
    for (const { name, terms, embedding } of versions) {
      const fields = new Map<string, string | Buffer>([
        ['place', place],
        ['words', terms.map(termHash).join(' ')],
      ])
      if (embedding !== undefined) fields.set(fieldOf(embedding), bytesOf(embedding.vector))
      pipeline.hset(this.keyOf(place, name), fields)
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error
  }

  /** In how many versions of the place each term is. */
  async frequencies(place: string, terms: readonly string[]): Promise<ReadonlyMap<string, number>> {
    await this.#indexed([])
    const asked = [...new Set(terms)]
    const counts = await Promise.all(
      asked.map(async (term) => {
        const [count] = await this.#search(`@place:{${place}} @words:${termHash(term)}`, 0)
        return Number(count)
      }),
    )
    return new Map(asked.flatMap((term, at) => (counts[at] ? [[term, counts[at]] as const] : [])))
  }

  /** Names of versions that have one of the words, the best first. */
  async byWords(place: string, terms: readonly string[], limit: number): Promise<string[]> {
    if (terms.length === 0) return []
    const words = terms.map(termHash).join('|')
    const [, ...keys] = await this.#search(`@place:{${place}} @words:(${words})`, limit)
    return this.#namesOf(place, keys)
  }

  /** Names of the versions whose vectors are nearest. */
  async byVector(place: string, embedding: Embedding, limit: number): Promise<string[]> {
    const field = fieldOf(embedding)
    if (this.#fields?.has(field) !== true) return []
    const query = `(@place:{${place}})=>[KNN ${limit} @${field} $vector AS distance]`
    const [, ...keys] = await this.#search(
      query,
      limit,
      'PARAMS',
      '2',
      'vector',
      bytesOf(embedding.vector),
      'SORTBY',
      'distance',
    )
    return this.#namesOf(place, keys)
  }

  async #search(
    query: string,
    limit: number,
    ...more: readonly (string | Buffer)[]
  ): Promise<unknown[]> {
    const given = [query, 'NOCONTENT', ...more, 'LIMIT', '0', `${limit}`, 'DIALECT', '2']
    return (await this.#client.call('FT.SEARCH', this.#index, ...given)) as unknown[]
  }

  #namesOf(place: string, keys: readonly unknown[]): string[] {
    return keys.map((key) => String(key).slice(this.keyOf(place, '').length))
  }

  get #index(): string {
    return `${this.#tag}:find`
  }

  /** Makes the index, and its field for the vectors of each embedder. */
  async #indexed(embeddings: readonly Embedding[]): Promise<void> {
    if (this.#fields === undefined) {
      this.#fields = new Set()
      await this.#once(
        'FT.CREATE',
        [this.#index, 'ON', 'HASH', 'PREFIX', '1', `${this.#tag}:doc:`, 'STOPWORDS', '0'],
        ['SCHEMA', 'place', 'TAG', 'words', 'TEXT', 'NOSTEM'],
      )
    }
    for (const embedding of embeddings) {
      const field = fieldOf(embedding)
      const { length } = embedding.vector
      if (length === 0 || this.#fields.has(field)) continue
      await this.#once(
        'FT.ALTER',
        [this.#index, 'SCHEMA', 'ADD', field, 'VECTOR', 'FLAT', '6'],
        ['TYPE', 'FLOAT32', 'DIM', `${length}`, 'DISTANCE_METRIC', 'COSINE'],
      )
      this.#fields.add(field)
    }
  }

  /** Another process may have done it. */
  async #once(command: string, ...args: readonly (readonly string[])[]): Promise<void> {
    try {
      await this.#client.call(command, ...args.flat())
    } catch (error) {
      if (!/already exists|duplicate/i.test(String(error))) throw error
    }
  }
}

function fieldOf({ model, vector }: Embedding): string {
  return `vector_${termHash(model)}_${vector.length}`
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
