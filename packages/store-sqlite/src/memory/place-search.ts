import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { termHash } from '@holdfast/core/memory'
import { openDatabase } from '../open-database.ts'
import { transaction } from '../transaction.ts'

/** A version as it is made findable. */
export interface Findable {
  readonly seq: number
  readonly terms: readonly string[]
  readonly length: number
}

/** What was found, by sequence numbers. */
export interface Found {
  readonly seqs: readonly number[]
  readonly count: number
  readonly averageLength: number
  readonly frequencies: ReadonlyMap<string, number>
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
 * The search file of one place, beside the file that its memories are in: their words, in FTS5. It is made of the memories
 * and can be thrown away. No word stands in it, only hashes of words.
 */
export class PlaceSearch {
  readonly #path: string
  readonly #database: DatabaseSync
  /** In how many places a word was, when there were so many. */
  readonly #frequencies = new Map<string, { readonly often: number; readonly count: number }>()

  constructor(path: string) {
    this.#path = path
    this.#database = openDatabase(path, { busyTimeoutMs: 5_000 })
    try {
      this.#database.exec('PRAGMA secure_delete = ON')
      this.#database.exec(tables)
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
      const remove = this.#database.prepare('DELETE FROM words WHERE rowid = ?')
      for (const seq of seqs) {
        remove.run(seq)
      }
      const count = Number(this.#state('count') ?? 0)
      const left = Math.max(0, count - seqs.length)
      this.#set('length', count === 0 ? 0 : (Number(this.#state('length') ?? 0) * left) / count)
      this.#set('count', left)
      this.#set('epoch', epoch)
      return true
    })
  }

  /** The best by words, and the newest that have them: so many of each. */
  find(terms: readonly string[], limit: number): Found {
    const count = Number(this.#state('count') ?? 0)
    const frequencies = new Map<string, number>()
    for (const term of new Set(terms)) {
      const often = this.#frequency(termHash(term), count)
      if (often > 0) frequencies.set(term, often)
    }
    const seqs = new Set(this.#byWords(frequencies, limit))
    return {
      seqs: [...seqs],
      count,
      averageLength: Number(this.#state('length') ?? 0) / Math.max(1, count),
      frequencies,
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
    return transaction(this.#database, work)
  }
}

/** Deletes the search file of a place, whoever has it open. */
export function discardSearch(path: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(path + ending, { force: true })
}
