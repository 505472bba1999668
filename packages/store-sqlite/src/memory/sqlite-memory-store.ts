import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { HoldfastError } from '@holdfast/core'
import { placeKey } from '@holdfast/core/memory'
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
import { isBusy, openDatabase } from '../open-database.ts'
import { NearestVectors } from './nearest-vectors.ts'
import { discardSearch, PlaceSearch } from './place-search.ts'
import { transaction } from '../transaction.ts'

/** Memories in a SQLite file of their own, for the processes of one machine. */
export interface SqliteMemoryStoreOptions {
  /** `:memory:` for one that ends with the process. */
  readonly path: string
  /** What a memory outlives: `kill -9`, or a power cut too. @default 'process' */
  readonly durability?: 'process' | 'power'
  /** How long a write waits for another process's. @default 5_000 */
  readonly busyTimeoutMs?: number
  /**
   * What compares the vectors of places that are too large for a process: sqlite-vec, or code of our own.
   * @default 'sqlite-vec' where that is installed and can be loaded
   */
  readonly vectors?: 'sqlite-vec' | 'scan'
}

/**
 * Opens memories in a SQLite file.
 * @throws HoldfastError STORE_UNUSABLE where somebody else could read or change the file
 */
export function sqliteMemoryStore(options: SqliteMemoryStoreOptions): MemoryStore {
  return new SqliteMemoryStore(options)
}

/** `writer` is whose words a version is made of; `place` a hash. An epoch changes when something of a place is deleted. */
const tables = `
  CREATE TABLE IF NOT EXISTS memory (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    place TEXT NOT NULL,
    tier TEXT NOT NULL,
    tenant TEXT, user TEXT, namespace TEXT, session TEXT, writer TEXT,
    kind TEXT NOT NULL,
    expires_at INTEGER,
    row TEXT NOT NULL,
    vector BLOB,
    UNIQUE (id, version)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS memory_by_place ON memory (place, seq);
  CREATE INDEX IF NOT EXISTS memory_by_user ON memory (user) WHERE user IS NOT NULL;
  CREATE INDEX IF NOT EXISTS memory_by_writer ON memory (writer) WHERE writer IS NOT NULL;
  CREATE INDEX IF NOT EXISTS memory_by_end ON memory (expires_at) WHERE newest = 1;
  CREATE TABLE IF NOT EXISTS memory_epoch (place TEXT PRIMARY KEY, epoch TEXT NOT NULL) STRICT, WITHOUT ROWID;`

/** So many versions are told in one go: reading them takes a few milliseconds. */
const pageOfVersions = 500

/** So many are made findable in one go, and so many places are kept open for searches. */
const pageOfFindable = 1_000
const mostSearches = 16
const findableWithinMs = 2_000

class SqliteMemoryStore implements MemoryStore {
  readonly name = 'sqlite'
  readonly shared: boolean
  readonly #database: DatabaseSync
  readonly #sql: Statements
  readonly #path: string
  readonly #searches = new Map<string, PlaceSearch>()
  readonly #making = new Map<string, Promise<void>>()

  readonly #compare: 'sqlite-vec' | 'scan'
  #vectors: NearestVectors | undefined

  constructor(options: SqliteMemoryStoreOptions) {
    const { path, durability = 'process', busyTimeoutMs = 5_000 } = options
    this.#compare = options.vectors ?? 'sqlite-vec'
    this.shared = path !== ':memory:'
    this.#path = path
    this.#database = openDatabase(path, {
      durability,
      busyTimeoutMs,
      extensions: this.#compare === 'sqlite-vec',
    })
    try {
      // What is deleted is overwritten.
      this.#database.exec('PRAGMA secure_delete = ON')
      this.#database.exec(tables)
      this.#sql = prepare(this.#database)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  async put(version: MemoryVersion): Promise<boolean> {
    return this.#transaction(() => {
      const { id, place, kind, expiresAtMs, source } = version
      if (version.version !== Number(this.#sql.last.get(id)?.['version'] ?? 0) + 1) return false
      this.#sql.supersede.run(id)
      const { tier, tenant, user, namespace, session } = place
      const { row, vector } = rowOf(version)
      this.#sql.add.run(
        id,
        version.version,
        placeKey(place),
        tier,
        tenant ?? null,
        user ?? null,
        namespace ?? null,
        session ?? null,
        source.user ?? null,
        kind,
        expiresAtMs ?? null,
        row,
        vector,
      )
      return true
    })
  }

  async addVector(version: MemoryVersion): Promise<boolean> {
    return this.#transaction(() => {
      const known = this.#sql.newest.get(version.id)
      if (known === undefined) return false
      const { version: newest, embedding } = versionOf(known)
      if (newest !== version.version || embedding !== undefined) return false
      const { row, vector } = rowOf(version)
      this.#sql.addVector.run(row, vector, version.id)
      // A search file finds it under its new number; under the old one there is nothing any more.
      return true
    })
  }

  async find(id: string): Promise<MemoryVersion | undefined> {
    const row = this.#sql.newest.get(id)
    return row === undefined ? undefined : versionOf(row)
  }

  async history(id: string): Promise<readonly MemoryVersion[]> {
    return this.#sql.history.all(id).map(versionOf)
  }

  async changes(place: MemoryPlace, cursor = ''): Promise<MemoryChanges> {
    const key = placeKey(place)
    const [knownEpoch, knownSeq = '0'] = cursor.split('|')
    // The epoch first: what is deleted in between makes the next look begin from the start.
    const epoch = String(this.#sql.epoch.get(key)?.['epoch'] ?? '')
    const fromStart = cursor === '' || knownEpoch !== epoch
    const after = fromStart ? 0 : Number(knownSeq)
    const rows = this.#sql.changes.all(key, after, pageOfVersions)
    return {
      versions: rows.map(versionOf),
      fromStart,
      cursor: `${epoch}|${String(rows.at(-1)?.['seq'] ?? after)}`,
      more: rows.length === pageOfVersions,
    }
  }

  async size(place: MemoryPlace): Promise<number> {
    return Number(this.#sql.size.get(placeKey(place))?.['count'])
  }

  search(place: MemoryPlace, search: MemorySearch): Promise<MemorySearched | undefined> {
    return this.shared ? this.#search(placeKey(place), search) : Promise.resolve(undefined)
  }

  async list(query: MemoryQuery = {}): Promise<readonly MemoryVersion[]> {
    const { conditions, values } = conditionsOf(query)
    const newest = query.everyVersion === true ? '' : 'newest = 1 AND '
    // A memory is whose it ever was.
    const rows = this.#database
      .prepare(
        `SELECT row, vector FROM memory WHERE ${newest}id IN (SELECT id FROM memory WHERE ${conditions})
         ORDER BY seq DESC LIMIT ?`,
      )
      .all(...values, Number.isFinite(query.limit ?? Infinity) ? Number(query.limit) : -1)
    return rows.map(versionOf)
  }

  async forget(ids: readonly string[]): Promise<number> {
    const count = this.#delete(ids)
    if (count > 0) await this.#scrub()
    return count
  }

  async erase(owner: MemoryOwner): Promise<number> {
    const { tenant = null, user } = owner
    const count = this.#delete(() =>
      this.#sql.owned.all(tenant, user, user).map((row) => String(row['id'])),
    )
    // Also where nothing was found: an erasure that was cut off is finished by the next one.
    await this.#scrub({ rebuild: true })
    return count
  }

  async expire(beforeMs: number): Promise<number> {
    const count = this.#delete(() =>
      this.#sql.expired.all(beforeMs).map((row) => String(row['id'])),
    )
    if (count > 0) await this.#scrub()
    return count
  }

  async close(): Promise<void> {
    for (const search of this.#searches.values()) search.close()
    this.#searches.clear()
    if (this.#database.isOpen) this.#database.close()
  }

  async #search(key: string, { terms, cut, vector, limit }: MemorySearch): Promise<MemorySearched> {
    const making = this.#making.get(key) ?? this.#makeFindable(key, cut)
    // A large place is made findable once, which takes minutes: until then what is findable is found.
    await Promise.race([making, sleep(findableWithinMs, undefined, { ref: false })])
    const { seqs, ...found } = this.#opened(key).find(terms, limit)
    const near = vector === undefined ? [] : await this.#nearest().find(key, vector, limit)
    const numbers = JSON.stringify([...seqs, ...near])
    return { ...found, versions: this.#sql.found.all(key, numbers).map(versionOf) }
  }

  /** Made at the first search by a vector. */
  #nearest(): NearestVectors {
    return (this.#vectors ??= new NearestVectors(this.#database, this.#compare))
  }

  /** Brings the search file of a place up to what the place has, once at a time. */
  #makeFindable(key: string, cut: MemorySearch['cut']): Promise<void> {
    const making = this.#findable(key, cut).finally(() => this.#making.delete(key))
    this.#making.set(key, making)
    // Whoever waits for it hears of it.
    making.catch(() => {})
    return making
  }

  async #findable(key: string, cut: MemorySearch['cut']): Promise<void> {
    while (this.#database.isOpen) {
      const search = this.#opened(key)
      const { epoch: known, seq } = search.upTo
      const epoch = this.#epochOf(key)
      if (known !== undefined && known !== epoch) {
        // Somebody has deleted something and not told it.
        this.#searches.delete(key)
        search.discard()
        continue
      }
      const rows = this.#sql.changes.all(key, seq, pageOfFindable)
      if (rows.length === 0) return
      const findable = rows.map((row) => {
        const version = versionOf(row)
        return { seq: Number(row['seq']), ...cut(version) }
      })
      search.add(epoch, seq, findable)
      // In pieces, between which other work goes on.
      await setImmediate()
    }
  }

  #opened(key: string): PlaceSearch {
    const known = this.#searches.get(key)
    // Another process may have thrown it away.
    if (known !== undefined && existsSync(this.#searchPath(key))) return known
    known?.close()
    const search = new PlaceSearch(this.#searchPath(key))
    this.#searches.set(key, search)
    const [oldest] = this.#searches.keys()
    if (this.#searches.size > mostSearches && oldest !== undefined) {
      this.#searches.get(oldest)?.close()
      this.#searches.delete(oldest)
    }
    return search
  }

  #searchPath(key: string): string {
    return `${this.#path}.search-${key}`
  }

  #epochOf(key: string): string {
    return String(this.#sql.epoch.get(key)?.['epoch'] ?? '')
  }

  /** What was deleted is taken out of the search files of its places; a file that cannot follow is thrown away. */
  #unfind(deleted: ReadonlyMap<string, Deleted>): void {
    for (const [key, { seqs, before, epoch }] of deleted) {
      if (!this.shared || !existsSync(this.#searchPath(key))) continue
      try {
        const isEmpty = Number(this.#sql.size.get(key)?.['count']) === 0
        if (!isEmpty && this.#opened(key).remove(seqs, before, epoch)) continue
      } catch {
        // It is made anew.
      }
      this.#searches.get(key)?.close()
      this.#searches.delete(key)
      discardSearch(this.#searchPath(key))
    }
  }

  #delete(which: readonly string[] | (() => readonly string[])): number {
    const deleted = new Map<string, Deleted>()
    const count = this.#transaction(() => {
      let done = 0
      for (const id of typeof which === 'function' ? which() : which) {
        const found = this.#sql.newest.get(id)?.['place']
        if (found === undefined) continue
        const place = String(found)
        let one = deleted.get(place)
        if (one === undefined) {
          const epoch = randomBytes(8).toString('hex')
          deleted.set(place, (one = { before: this.#epochOf(place), epoch, seqs: [] }))
          this.#sql.newEpoch.run(place, epoch)
        }
        one.seqs.push(...this.#sql.seqs.all(id).map(({ seq }) => Number(seq)))
        this.#sql.forget.run(id)
        done++
      }
      return done
    })
    this.#unfind(deleted)
    return count
  }

  /**
   * Leaves nothing of what was deleted in the files: deleting has overwritten it in the tables, but the write-ahead log
   * holds older pages until it is emptied, and a page that was moved may hold a copy until the file is built anew.
   * @throws HoldfastError STORE_UNUSABLE where another process reads all the time
   */
  async #scrub({ rebuild = false } = {}): Promise<void> {
    if (!this.shared) return
    for (const untilMs = performance.now() + patienceMs; ;) {
      try {
        if (rebuild) this.#database.exec('VACUUM')
        rebuild = false
        const row = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
        if (Number(row?.['busy']) === 0) return
      } catch (error) {
        if (!isBusy(error)) throw error
      }
      if (performance.now() >= untilMs) {
        throw new HoldfastError(
          'STORE_UNUSABLE',
          `${this.#path}: what was deleted is deleted, but another process reads all the time, so that its text stays in the file until this is done again`,
          { retryable: true },
        )
      }
      await sleep(5 + Math.random() * 20)
    }
  }

  #transaction<T>(work: () => T): T {
    return transaction(this.#database, work)
  }
}

const patienceMs = 5_000

/** What was deleted of a place, whose epoch has changed by it. */
interface Deleted {
  readonly before: string
  readonly epoch: string
  readonly seqs: number[]
}

type Statements = ReturnType<typeof prepare>

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text)
  return {
    last: sql('SELECT version FROM memory WHERE id = ? ORDER BY version DESC LIMIT 1'),
    supersede: sql('UPDATE memory SET newest = 0 WHERE id = ? AND newest = 1'),
    add: sql(
      `INSERT INTO memory (id, version, newest, place, tier, tenant, user, namespace, session, writer, kind, expires_at, row, vector)
       VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    // Under a new number, which is that of a change.
    addVector: sql(
      `UPDATE memory SET row = ?, vector = ?, seq = (SELECT MAX(seq) + 1 FROM sqlite_sequence WHERE name = 'memory')
       WHERE id = ? AND newest = 1`,
    ),
    newest: sql('SELECT row, vector, place FROM memory WHERE id = ? AND newest = 1'),
    history: sql('SELECT row, vector FROM memory WHERE id = ? ORDER BY version'),
    changes: sql(
      'SELECT seq, row, vector FROM memory WHERE place = ? AND seq > ? ORDER BY seq LIMIT ?',
    ),
    epoch: sql('SELECT epoch FROM memory_epoch WHERE place = ?'),
    newEpoch: sql(
      'INSERT INTO memory_epoch VALUES (?, ?) ON CONFLICT (place) DO UPDATE SET epoch = excluded.epoch',
    ),
    size: sql('SELECT COUNT(*) AS count FROM memory WHERE place = ?'),
    seqs: sql('SELECT seq FROM memory WHERE id = ?'),
    found: sql(
      // By id and not by place or number, of which there are more: a plus keeps an index out of it.
      `SELECT row, vector FROM memory WHERE +place = ? AND id IN
         (SELECT id FROM memory WHERE seq IN (SELECT value FROM json_each(?))) ORDER BY +seq`,
    ),
    owned: sql('SELECT DISTINCT id FROM memory WHERE tenant IS ? AND (user = ? OR writer = ?)'),
    expired: sql('SELECT id FROM memory WHERE newest = 1 AND expires_at < ?'),
    forget: sql('DELETE FROM memory WHERE id = ?'),
  }
}

function conditionsOf({ tenant, user, namespace, session, tiers, kinds }: MemoryQuery) {
  const conditions: string[] = ['1 = 1']
  const values: SQLInputValue[] = []
  const add = (condition: string, ...more: readonly SQLInputValue[]): void => {
    conditions.push(condition)
    values.push(...more)
  }
  if (tenant !== undefined) add('tenant = ?', tenant)
  if (user !== undefined) add('(user = ? OR writer = ?)', user, user)
  if (namespace !== undefined) add('namespace = ?', namespace)
  if (session !== undefined) add('session = ?', session)
  for (const [column, names] of [
    ['tier', tiers],
    ['kind', kinds],
  ] as const) {
    if (names !== undefined) add(`${column} IN (${names.map(() => '?').join(', ')})`, ...names)
  }
  return { conditions: conditions.join(' AND '), values }
}

function rowOf(version: MemoryVersion): { row: string; vector: Uint8Array | null } {
  const { embedding } = version
  const { buffer, byteOffset, byteLength } = embedding?.vector ?? new Uint8Array(0)
  return {
    row: JSON.stringify({ ...version, embedding: embedding && { model: embedding.model } }),
    vector: byteLength === 0 ? null : new Uint8Array(buffer, byteOffset, byteLength),
  }
}

function versionOf(row: Record<string, SQLOutputValue>): MemoryVersion {
  const version = JSON.parse(String(row['row'])) as MemoryVersion
  const { vector } = row
  if (version.embedding === undefined) return version
  const bytes = vector instanceof Uint8Array ? vector : new Uint8Array(0)
  // A copy of its own begins where floats may begin.
  const floats = new Float32Array(Uint8Array.from(bytes).buffer)
  return { ...version, embedding: { model: version.embedding.model, vector: floats } }
}
