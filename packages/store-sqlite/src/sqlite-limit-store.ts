import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { admit, circuitFailed, circuitSucceeded, renew, settle } from '@holdfast/core/limits'
import type { LimitKind, LimitStore, LimitTable } from '@holdfast/core/limits'
import { isBusy, openDatabase, whenFree } from './open-database.ts'

/** Limits in a SQLite file, shared by all processes of one machine that open it. */
export interface SqliteLimitStoreOptions {
  /** The file; `:memory:` for none. */
  readonly path: string
  /** Milliseconds since 1970, the same for all who share the file. @default Date.now */
  readonly now?: () => number
}

/**
 * Opens limits in a SQLite file.
 * @throws HoldfastError STORE_UNUSABLE where somebody else could read or change the file
 */
export function sqliteLimitStore({ path, now = Date.now }: SqliteLimitStoreOptions): LimitStore {
  const rows = new LimitRows(openDatabase(path, { busyTimeoutMs: 10 }), now)

  /** Runs a decision as one transaction. Waiting for another process's is done without standing in this one's way. */
  async function decide<T>(decision: (table: LimitTable) => T): Promise<T> {
    for (const untilMs = performance.now() + patienceMs; ;) {
      try {
        return rows.transaction(decision)
      } catch (error) {
        if (!isBusy(error) || performance.now() >= untilMs) throw error
      }
      await sleep(1 + Math.random() * 4)
    }
  }

  return {
    name: 'sqlite',
    shared: path !== ':memory:',
    admit: (request) => decide((table) => admit(table, request, now())),
    settle: (batch, settlements) => decide((table) => settle(table, batch, settlements, now())),
    renew: (holdings) =>
      decide((table) => {
        for (const holding of holdings) renew(table, holding, now())
      }),
    circuitFailed: (key, id, rules) =>
      decide((table) => circuitFailed(table, key, id, rules, now())),
    circuitSucceeded: (key, id) => decide((table) => circuitSucceeded(table, key, id)),
    ping: async () => !rows.closed && decide(() => true),
    async close() {
      rows.close()
    },
  }
}

/** How long a decision waits for those of other processes. */
const patienceMs = 2_000

/** The rows of a limit ledger as rows of a SQLite table. */
class LimitRows implements LimitTable {
  readonly #database: DatabaseSync
  readonly #now: () => number
  readonly #select: StatementSync
  readonly #upsert: StatementSync
  readonly #remove: StatementSync
  readonly #sweep: StatementSync
  #writes = 0

  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database
    this.#now = now
    whenFree(() =>
      database.exec(
        'CREATE TABLE IF NOT EXISTS limits (kind TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL, expires_at REAL NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID',
      ),
    )
    this.#select = database.prepare(
      'SELECT row FROM limits WHERE kind = ? AND key = ? AND expires_at > ?',
    )
    this.#upsert = database.prepare(
      'INSERT INTO limits (kind, key, row, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET row = excluded.row, expires_at = excluded.expires_at',
    )
    this.#remove = database.prepare('DELETE FROM limits WHERE kind = ? AND key = ?')
    this.#sweep = database.prepare('DELETE FROM limits WHERE expires_at <= ?')
  }

  transaction<T>(decision: (table: LimitTable) => T): T {
    // Immediate: a reader that turns writer later would be refused instead of waiting.
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = decision(this)
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  get(kind: LimitKind, key: string): unknown {
    const found = this.#select.get(kind, key, this.#now())
    return found === undefined ? undefined : JSON.parse(String(found['row']))
  }

  set(kind: LimitKind, key: string, row: unknown, expiresAtMs: number): void {
    this.#upsert.run(kind, key, JSON.stringify(row), expiresAtMs)
    this.#writes++
    if (this.#writes % 1_000 === 0) this.#sweep.run(this.#now())
  }

  delete(kind: LimitKind, key: string): void {
    this.#remove.run(kind, key)
  }

  get closed(): boolean {
    return !this.#database.isOpen
  }

  close(): void {
    if (!this.closed) this.#database.close()
  }
}
