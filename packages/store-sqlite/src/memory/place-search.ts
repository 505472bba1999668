import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { termHash } from '@holdfast/core/memory'
import type { Embedding } from '@holdfast/core/memory'
import { openDatabase } from '../open-database.ts'

const require = createRequire(import.meta.url)

/** A version as it is made findable. */
export interface Findable {
  readonly seq: number
  readonly terms: readonly string[]
  readonly length: number
  readonly embedding: Embedding | undefined
}

/** What was found, by sequence numbers. */
export interface Found {
  readonly seqs: readonly number[]
  readonly count: number
  readonly averageLength: number
  readonly frequencies: ReadonlyMap<string, number>
  /** False where vectors have to be looked through elsewhere. */
  readonly hasVectors: boolean
}

const tables = `
  CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value);
  CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(terms, content='', contentless_delete=1, tokenize='ascii');
  CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, 'row');`

/** Of words that are commoner than that together, the rarest alone open a search. */
const mostPlaces = 8_000
/** FTS5 scores all that it finds: of so many only the newest are taken. */
const mostScored = 12_000
/** FTS5 counts the places of a word by reading them: what is known of common words is used until there are so many more. */
const staleShare = 0.1
const common = 2_000
const mostCounted = 50_000

/**
 * The search file of one place, beside the file that its memories are in: words in FTS5, vectors in sqlite-vec where that
 * can be loaded. It is made of the memories and can be thrown away. No word stands in it, only hashes of words.
 */
export class PlaceSearch {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #vectors: VectorTables | undefined
  /** In how many places a word was, when there were so many. */
  readonly #frequencies = new Map<string, { readonly often: number; readonly count: number }>()

  constructor(path: string, usesVec: boolean) {
    this.#path = path
    this.#database = openDatabase(path, { extensions: true, busyTimeoutMs: 5_000 })
    try {
      this.#database.exec('PRAGMA secure_delete = ON')
      this.#database.exec(tables)
      this.#vectors = usesVec ? vectorTables(this.#database) : undefined
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Up to which sequence number it is, and of which epoch of its place. */
  get upTo(): { readonly epoch: string | undefined; readonly seq: number } {
    const epoch = this.#state('epoch')
    return {
      epoch: typeof epoch === 'string' ? epoch : undefined,
      seq: Number(this.#state('seq') ?? 0),
    }
  }

  /** Adds what comes after what it has; false where another process has done so meanwhile. */
  add(epoch: string, after: number, versions: readonly Findable[]): boolean {
    return this.#transaction(() => {
      if (this.upTo.seq !== after) return false
      const insert = this.#database.prepare('INSERT INTO words (rowid, terms) VALUES (?, ?)')
      let length = 0
      for (const version of versions) {
        insert.run(version.seq, version.terms.map(termHash).join(' '))
        length += version.length
        if (version.embedding !== undefined) this.#vectors?.add(version.seq, version.embedding)
      }
      this.#set('epoch', epoch)
      this.#set('seq', versions.at(-1)?.seq ?? after)
      this.#set('count', Number(this.#state('count') ?? 0) + versions.length)
      this.#set('length', Number(this.#state('length') ?? 0) + length)
      return true
    })
  }

  /** Takes out what was deleted, and goes on in the place's new epoch. */
  remove(seqs: readonly number[], before: string, epoch: string): boolean {
    return this.#transaction(() => {
      if (this.upTo.epoch !== before) return false
      if (this.#vectors === undefined && this.#state('vectors') !== undefined) return false
      const remove = this.#database.prepare('DELETE FROM words WHERE rowid = ?')
      for (const seq of seqs) {
        remove.run(seq)
        this.#vectors?.remove(seq)
      }
      const count = Number(this.#state('count') ?? 0)
      const left = Math.max(0, count - seqs.length)
      this.#set('length', count === 0 ? 0 : (Number(this.#state('length') ?? 0) * left) / count)
      this.#set('count', left)
      this.#set('epoch', epoch)
      return true
    })
  }

  /** The best by words, the newest that have them, and the nearest by vector: so many of each. */
  find(terms: readonly string[], vector: Embedding | undefined, limit: number): Found {
    const count = Number(this.#state('count') ?? 0)
    const frequencies = new Map<string, number>()
    for (const term of new Set(terms)) {
      const often = this.#frequency(termHash(term), count)
      if (often > 0) frequencies.set(term, often)
    }
    const seqs = new Set<number>(this.#byWords(frequencies, limit))
    for (const seq of vector === undefined ? [] : (this.#vectors?.nearest(vector, limit) ?? [])) {
      seqs.add(seq)
    }
    return {
      seqs: [...seqs],
      count,
      averageLength: Number(this.#state('length') ?? 0) / Math.max(1, count),
      frequencies,
      hasVectors: this.#vectors !== undefined,
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  /** Closes and deletes it. */
  discard(): void {
    this.close()
    discardSearch(this.#path)
  }

  #frequency(term: string, count: number): number {
    const known = this.#frequencies.get(term)
    if (known !== undefined && Math.abs(count - known.count) <= known.often * staleShare) {
      return known.often
    }
    const sql = 'SELECT doc FROM vocabulary WHERE term = ?'
    const often = Number(this.#database.prepare(sql).get(term)?.['doc'] ?? 0)
    if (often < common) return often
    if (this.#frequencies.size >= mostCounted) this.#frequencies.clear()
    this.#frequencies.set(term, { often, count })
    return often
  }

  *#byWords(frequencies: ReadonlyMap<string, number>, limit: number): Iterable<number> {
    const rarestFirst = [...frequencies].toSorted(([, one], [, other]) => one - other)
    const opened: string[] = []
    let places = 0
    for (const [term, often] of rarestFirst) {
      places += often
      if (opened.length > 0 && places > mostPlaces) break
      opened.push(termHash(term))
    }
    if (opened.length === 0) return
    const orders = (rarestFirst[0]?.[1] ?? 0) > mostScored ? ['rowid DESC'] : ['rank', 'rowid DESC']
    for (const order of orders) {
      const rows = this.#database
        .prepare(`SELECT rowid FROM words WHERE words MATCH ? ORDER BY ${order} LIMIT ?`)
        .all(opened.join(' OR '), limit)
      for (const { rowid } of rows) yield Number(rowid)
    }
  }

  #state(name: string): unknown {
    return this.#database.prepare('SELECT value FROM state WHERE name = ?').get(name)?.['value']
  }

  #set(name: string, value: string | number): void {
    this.#database.prepare('INSERT OR REPLACE INTO state VALUES (?, ?)').run(name, value)
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

/** Deletes the search file of a place, whoever has it open. */
export function discardSearch(path: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(path + ending, { force: true })
}

/** Vectors in tables of sqlite-vec, one for each embedder. */
class VectorTables {
  readonly #database: DatabaseSync
  readonly #tables = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
    const known = database.prepare(
      "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%vec0%'",
    )
    for (const { name } of known.all()) this.#open(String(name))
  }

  add(seq: number, embedding: Embedding): void {
    const { length } = embedding.vector
    if (length === 0) return
    const name = tableOf(embedding)
    let insert = this.#tables.get(name)
    if (insert === undefined) {
      this.#database.exec(
        `CREATE VIRTUAL TABLE IF NOT EXISTS ${name} USING vec0(seq INTEGER PRIMARY KEY, vector float[${length}] distance_metric=cosine);
         INSERT OR REPLACE INTO state VALUES ('vectors', 1)`,
      )
      insert = this.#open(name)
    }
    insert.run(BigInt(seq), bytesOf(embedding.vector))
  }

  remove(seq: number): void {
    for (const name of this.#tables.keys()) {
      this.#database.prepare(`DELETE FROM ${name} WHERE seq = ?`).run(BigInt(seq))
    }
  }

  nearest(embedding: Embedding, limit: number): number[] {
    const name = tableOf(embedding)
    if (!this.#tables.has(name)) return []
    return this.#database
      .prepare(`SELECT seq FROM ${name} WHERE vector MATCH ? AND k = ?`)
      .all(bytesOf(embedding.vector), Math.min(limit, 4_096))
      .map(({ seq }) => Number(seq))
  }

  #open(name: string): StatementSync {
    const insert = this.#database.prepare(`INSERT INTO ${name} (seq, vector) VALUES (?, ?)`)
    this.#tables.set(name, insert)
    return insert
  }
}

function tableOf({ model, vector }: Embedding): string {
  return `vectors_${termHash(model)}_${vector.length}`
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Undefined where sqlite-vec is not installed, or this Node or this platform cannot load it. */
function vectorTables(database: DatabaseSync): VectorTables | undefined {
  try {
    const path = requireVec().getLoadablePath()
    database.enableLoadExtension(true)
    database.loadExtension(path)
    return new VectorTables(database)
  } catch {
    return undefined
  } finally {
    try {
      database.enableLoadExtension(false)
    } catch {
      // It was never allowed.
    }
  }
}

/** As it stands beside this package, or in the application. */
function requireVec(): { getLoadablePath(): string } {
  try {
    return require('sqlite-vec') as never
  } catch {
    return createRequire(`${process.cwd()}/package.json`)('sqlite-vec') as never
  }
}
