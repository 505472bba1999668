import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isOf, matches, placeKey } from '@holdfast/core/memory'
import type {
  MemoryChanges,
  MemoryOwner,
  MemoryPlace,
  MemoryQuery,
  MemorySearch,
  MemorySearched,
  MemoryStore,
  MemoryVersion,
} from '@holdfast/core/memory'
import { AskedRedis } from '../asked-redis.ts'
import type { RedisAddress } from '../connect-redis.ts'
import { isRefusal, QueryEngine } from './query-engine.ts'
import { memoryScripts } from './scripts.ts'

/** Memories in Redis, shared by all processes of all machines that use the same Redis and prefix. */
export interface RedisMemoryStoreOptions extends RedisAddress {
  /** What all keys begin with, as their hash tag: in a cluster all of them stand on one node. @default 'holdfast' */
  readonly prefix?: string
  /** How long an operation may take, connecting included. @default 5_000 */
  readonly timeoutMs?: number
}

/** Opens memories in Redis. ioredis is loaded, and the connection opened, at the first use. */
export function redisMemoryStore(options: RedisMemoryStoreOptions): MemoryStore {
  return new RedisMemoryStore(options)
}

/** So many versions are read, and memories deleted, in one go. */
const page = 500
/** So many are made findable in one go, which Redis does nothing else during. */
const pageOfFindable = 100
/** Of words that are commoner than that together, the rarest alone open a search. */
const mostPlaces = 8_000
const findableWithinMs = 2_000

class RedisMemoryStore implements MemoryStore {
  readonly name = 'redis'
  readonly shared = true
  readonly #tag: string
  readonly #redis: AskedRedis<typeof memoryScripts>
  readonly #isCluster: boolean
  /** None where the server has none, and on a cluster, where an index is of one node. */
  #engine: Promise<QueryEngine | undefined> | undefined
  readonly #making = new Map<string, Promise<void>>()

  constructor(options: RedisMemoryStoreOptions) {
    this.#isCluster = options.cluster === true
    this.#tag = `{${options.prefix ?? 'holdfast'}}:memory`
    const { timeoutMs } = options
    this.#redis = new AskedRedis(options, {
      scripts: memoryScripts,
      timeoutMs,
      keeps: 'the memories',
    })
  }

  async put(version: MemoryVersion): Promise<boolean> {
    const { id, place, source, expiresAtMs } = version
    const owners = [place.user, source.user].flatMap((user) =>
      user === undefined ? [] : [this.#owner({ tenant: place.tenant, user })],
    )
    const keys = [...this.#tables, this.#place(placeKey(place)), ...new Set(owners)]
    const args = [id, version.version, textOf(version), expiresAtMs ?? '']
    return (await this.#redis.run('holdfastMemoryPut', keys, args)) === 1
  }

  async addVector(version: MemoryVersion): Promise<boolean> {
    const { id, place } = version
    const [versions, newest, all, , epochs] = this.#tables
    const keys = [versions, newest, all, epochs, this.#place(placeKey(place))]
    const args = [id, version.version, textOf(version)]
    return (await this.#redis.run('holdfastMemoryAddVector', keys, args)) === 1
  }

  async find(id: string): Promise<MemoryVersion | undefined> {
    return (await this.#read('newest', [id]))[0]
  }

  history(id: string): Promise<readonly MemoryVersion[]> {
    return this.#read('history', [id])
  }

  changes(place: MemoryPlace, cursor?: string): Promise<MemoryChanges> {
    return this.#changes(place, cursor)
  }

  async size(place: MemoryPlace): Promise<number> {
    const client = await this.#redis.client()
    return this.#redis.within(client.zcard(this.#place(placeKey(place))))
  }

  search(place: MemoryPlace, search: MemorySearch): Promise<MemorySearched | undefined> {
    return this.#search(place, search)
  }

  async list({ everyVersion = false, limit = Infinity, ...query }: MemoryQuery = {}): Promise<
    readonly MemoryVersion[]
  > {
    const client = await this.#redis.client()
    const [, , all] = this.#tables
    const owned =
      query.user === undefined || query.tenant === undefined
        ? undefined
        : new Set(await this.#owned({ tenant: query.tenant, user: query.user }))
    const names = await this.#redis.within(client.zrevrange(all, 0, -1))
    // The latest first: an id is met first at its newest version.
    const ids = [...new Set(names.map(idOf))].filter((id) => owned?.has(id) !== false)
    const found = new Map<string, MemoryVersion>()
    for (let from = 0; from < ids.length && found.size < limit; from += page) {
      const histories = Map.groupBy(
        await this.#read('history', ids.slice(from, from + page)),
        ({ id }) => id,
      )
      for (const history of histories.values()) {
        // A memory is whose it ever was.
        if (!history.some((version) => matches(version, query))) continue
        for (const version of everyVersion ? history : history.slice(-1)) {
          found.set(`${version.id}/${version.version}`, version)
        }
      }
    }
    return names.flatMap((name) => found.get(name) ?? []).slice(0, limit)
  }

  async forget(ids: readonly string[]): Promise<number> {
    let count = 0
    for (let from = 0; from < ids.length; from += page) {
      // Whoever wrote any version of it is named with it.
      const some = await this.#read('history', ids.slice(from, from + page))
      count += await this.#delete(some)
    }
    return count
  }

  async erase(owner: MemoryOwner): Promise<number> {
    const client = await this.#redis.client()
    let count = 0
    const ids = await this.#owned(owner)
    for (let from = 0; from < ids.length; from += page) {
      const some = ids.slice(from, from + page)
      const histories = await this.#read('history', some)
      const gone = new Set(histories.filter((version) => isOf(version, owner)).map(({ id }) => id))
      count += await this.#delete(histories.filter(({ id }) => gone.has(id)))
      await this.#redis.within(client.srem(this.#owner(owner), ...some))
    }
    return count
  }

  async expire(beforeMs: number): Promise<number> {
    const client = await this.#redis.client()
    const [, , , ends] = this.#tables
    return this.forget(await this.#redis.within(client.zrangebyscore(ends, '-inf', `(${beforeMs}`)))
  }

  async close(): Promise<void> {
    this.#redis.close()
  }

  async #changes(place: MemoryPlace, cursor = '', most = page): Promise<MemoryChanges> {
    const key = placeKey(place)
    const [knownEpoch = '', knownSeq = '0'] = cursor.split('|')
    const [versions, , , , epochs] = this.#tables
    const keys = [versions, epochs, this.#place(key)]
    const answer = await this.#redis.run('holdfastMemoryChanges', keys, [
      key,
      knownEpoch,
      knownSeq,
      most,
    ])
    const [epoch, seq, rows] = answer as [string, string, string[]]
    return {
      versions: rows.map(versionOf),
      fromStart: epoch !== knownEpoch,
      cursor: `${epoch}|${seq}`,
      more: rows.length === most,
    }
  }

  async #search(
    place: MemoryPlace,
    { terms, cut, vector, limit }: MemorySearch,
  ): Promise<MemorySearched | undefined> {
    const engine = await this.#queryEngine()
    if (engine === undefined || (vector !== undefined && !engine.knowsVectors)) return undefined
    const key = placeKey(place)
    try {
      const making = this.#making.get(key) ?? this.#makeFindable(engine, place, cut)
      // A large place is made findable once, which takes minutes: until then what is findable is found.
      await Promise.race([making, sleep(findableWithinMs, undefined, { ref: false })])
      const [count, averageLength, frequencies] = await Promise.all([
        this.size(place),
        engine.averageLength(key),
        engine.frequencies(key, terms),
      ])
      const statistics = { count, averageLength, frequencies }
      const [words, vectors] = await Promise.all([
        engine.byWords(key, rarestOf(frequencies), limit, statistics),
        vector === undefined ? [] : engine.byVector(key, vector, limit),
      ])
      const ids = [...new Set([...words, ...vectors].map(idOf))]
      const versions = await this.#inOrder(key, ids)
      return { versions, ...statistics }
    } catch (error) {
      // An engine that does not do as it should is none.
      if (!isRefusal(error)) throw error
      this.#engine = Promise.resolve(undefined)
      return undefined
    }
  }

  /** All versions of memories of a place, in the order in which they came there. */
  async #inOrder(key: string, ids: readonly string[]): Promise<MemoryVersion[]> {
    const versions = ids.length === 0 ? [] : await this.#read('history', ids)
    const names = versions.map(({ id, version }) => `${id}/${version}`)
    if (names.length === 0) return []
    const client = await this.#redis.client()
    const seqs = await this.#redis.within(client.zmscore(this.#place(key), ...names))
    return versions
      .map((version, at) => ({ version, seq: Number(seqs[at] ?? -1) }))
      .toSorted((one, other) => one.seq - other.seq)
      .flatMap(({ version, seq }) => (seq === -1 ? [] : version))
  }

  #queryEngine(): Promise<QueryEngine | undefined> {
    this.#engine ??= this.#isCluster
      ? Promise.resolve(undefined)
      : QueryEngine.of(this.#redis, this.#tag)
    this.#engine.catch(() => (this.#engine = undefined))
    return this.#engine
  }

  /** Makes findable what has come to a place, once at a time. */
  #makeFindable(engine: QueryEngine, place: MemoryPlace, cut: MemorySearch['cut']): Promise<void> {
    const key = placeKey(place)
    const making = this.#findable(engine, place, cut).finally(() => this.#making.delete(key))
    this.#making.set(key, making)
    // Whoever waits for it hears of it.
    making.catch(() => {})
    return making
  }

  async #findable(
    engine: QueryEngine,
    place: MemoryPlace,
    cut: MemorySearch['cut'],
  ): Promise<void> {
    const key = placeKey(place)
    const client = await this.#redis.client()
    const [, , , , epochs] = this.#tables
    for (let more = true; more;) {
      const after = await engine.upTo(key)
      // What was deleted is not findable any more: the epoch does not matter here.
      const epoch = (await this.#redis.within(client.hget(epochs, key))) ?? '0'
      const changes = await this.#changes(place, `${epoch}|${after}`, pageOfFindable)
      if (changes.versions.length === 0) return
      const findable = changes.versions.map((version) => ({
        name: `${version.id}/${version.version}`,
        atMs: version.atMs,
        embedding: version.embedding,
        ...cut(version),
      }))
      const [, upTo = after] = changes.cursor.split('|')
      await engine.add(key, findable, { after, upTo })
      ;({ more } = changes)
    }
  }

  get #tables(): [string, string, string, string, string] {
    const of = (name: string): string => `${this.#tag}:${name}`
    return [of('versions'), of('newest'), of('all'), of('ends'), of('epochs')]
  }

  #place(key: string): string {
    return `${this.#tag}:place:${key}`
  }

  /** No name of a user stands in a key. */
  #owner({ tenant, user }: MemoryOwner): string {
    const names = JSON.stringify([tenant ?? null, user])
    return `${this.#tag}:owner:${createHash('sha256').update(names).digest('hex').slice(0, 24)}`
  }

  async #owned(owner: MemoryOwner): Promise<string[]> {
    const client = await this.#redis.client()
    return this.#redis.within(client.smembers(this.#owner(owner)))
  }

  async #read(what: 'newest' | 'history', ids: readonly string[]): Promise<MemoryVersion[]> {
    const [versions, newest] = this.#tables
    const rows = await this.#redis.run('holdfastMemoryRead', [versions, newest], [what, ...ids])
    return (rows as string[]).map(versionOf)
  }

  async #delete(versions: readonly MemoryVersion[]): Promise<number> {
    const places = new Map(versions.map(({ id, place }) => [id, placeKey(place)]))
    const keys = [...this.#tables, ...[...places.values()].map((key) => this.#place(key))]
    const args = [this.#tag, ...[...places].flat()]
    const count = Number(await this.#redis.run('holdfastMemoryForget', keys, args))
    const owned = new Map<string, string[]>()
    for (const { id, place, source } of versions) {
      for (const user of new Set([place.user, source.user])) {
        if (user === undefined) continue
        const owner = this.#owner({ tenant: place.tenant, user })
        owned.set(owner, [...(owned.get(owner) ?? []), id])
      }
    }
    const client = await this.#redis.client()
    for (const [owner, ids] of owned) await this.#redis.within(client.srem(owner, ...ids))
    return count
  }
}

interface Row extends Omit<MemoryVersion, 'embedding'> {
  /** The vector as base64. */
  readonly embedding?: { readonly model: string; readonly vector: string }
}

function textOf({ embedding, ...version }: MemoryVersion): string {
  if (embedding === undefined) return JSON.stringify(version)
  const { model, vector } = embedding
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
  const row: Row = { ...version, embedding: { model, vector: bytes.toString('base64') } }
  return JSON.stringify(row)
}

function versionOf(text: string): MemoryVersion {
  const { embedding, ...version } = JSON.parse(text) as Row
  if (embedding === undefined) return version
  // A copy of its own begins where floats may begin.
  const bytes = Uint8Array.from(Buffer.from(embedding.vector, 'base64'))
  return {
    ...version,
    embedding: { model: embedding.model, vector: new Float32Array(bytes.buffer) },
  }
}

/** As many of the rarest words as have few places together; one at least. */
function rarestOf(frequencies: ReadonlyMap<string, number>): string[] {
  const opened: string[] = []
  let places = 0
  for (const [term, often] of [...frequencies].toSorted(([, one], [, other]) => one - other)) {
    places += often
    if (opened.length > 0 && places > mostPlaces) break
    opened.push(term)
  }
  return opened
}

function idOf(name: string): string {
  return name.slice(0, name.indexOf('/'))
}
