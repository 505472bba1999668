import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import {
  ask,
  callKey,
  decide,
  isForgettable,
  isStickyForgettable,
  keysOf,
  redeem,
  standing,
  unknownApproval,
  withdraw,
} from '@holdfast/core/approvals'
import type {
  ApprovalQuery,
  ApprovalRecord,
  ApprovalStore,
  ApprovalTable,
  BoundCall,
  StickyDecision,
} from '@holdfast/core/approvals'
import { openDatabase } from '../open-database.ts'
import { transaction } from '../transaction.ts'

/** Approvals in a SQLite file, for the processes of one machine. It may be the journal's file. */
export interface SqliteApprovalStoreOptions {
  /** `:memory:` for one that ends with the process. */
  readonly path: string
  /** What a decision outlives: `kill -9`, or a power cut too. @default 'process' */
  readonly durability?: 'process' | 'power'
  /** @default 5_000 */
  readonly busyTimeoutMs?: number
  readonly now?: () => number
}

/**
 * Opens approvals in a SQLite file.
 * @throws HoldfastError STORE_UNUSABLE where somebody else could read or change the file
 */
export function sqliteApprovalStore({
  path,
  durability = 'process',
  busyTimeoutMs = 5_000,
  now = Date.now,
}: SqliteApprovalStoreOptions): ApprovalStore {
  const rows = new ApprovalRows(openDatabase(path, { durability, busyTimeoutMs }))
  return {
    name: 'sqlite',
    shared: path !== ':memory:',
    ask: async (asked) => rows.transaction(() => ask(rows, asked, now())),
    async find(id) {
      const record = rows.find(id)
      return record === undefined ? undefined : standing(record, now())
    },
    decide: async (id, decision) => rows.transaction(() => decide(rows, id, decision, now())),
    withdraw: async (id, denial) => rows.transaction(() => withdraw(rows, id, denial, now())),
    redeem: async (call) => rows.transaction(() => redeem(rows, call, now())),
    list: async (query) => rows.list(query, now()),
    expire: async (forgetBeforeMs = 0) =>
      rows.transaction(() => rows.expire(forgetBeforeMs, now())),
    async remember(decision) {
      const remembered = { ...decision, createdAtMs: now() }
      rows.putSticky(remembered)
      return remembered
    },
    stickyDecisions: async () => rows.sticky(),
    revoke: async (id, by) =>
      rows.transaction(() => {
        const decision = rows.sticky().find((one) => one.id === id)
        if (decision === undefined) throw unknownApproval(id)
        if (decision.revokedAtMs !== undefined) return decision
        const revoked = { ...decision, revokedBy: by, revokedAtMs: now() }
        rows.putSticky(revoked)
        return revoked
      }),
    async close() {
      rows.close()
    },
  }
}

/** `call` is the key of what was asked about, `good_for` of what may be executed where that is another call. */
const tables = `
  CREATE TABLE IF NOT EXISTS approval (
    ref INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    call TEXT NOT NULL,
    good_for TEXT,
    run TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    row TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS approval_by_call ON approval (call);
  CREATE INDEX IF NOT EXISTS approval_by_good_for ON approval (good_for) WHERE good_for IS NOT NULL;
  CREATE INDEX IF NOT EXISTS approval_by_run ON approval (run);
  CREATE INDEX IF NOT EXISTS approval_by_end ON approval (expires_at) WHERE state = 'pending';
  CREATE TABLE IF NOT EXISTS approval_sticky (
    ref INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    row TEXT NOT NULL
  ) STRICT;`

/** The records of a ledger as rows of a SQLite table. */
class ApprovalRows implements ApprovalTable {
  readonly #database: DatabaseSync
  readonly #sql: Statements

  constructor(database: DatabaseSync) {
    this.#database = database
    try {
      database.exec(tables)
      this.#sql = prepare(database)
    } catch (error) {
      database.close()
      throw error
    }
  }

  transaction<T>(decision: () => T): T {
    return transaction(this.#database, decision)
  }

  find(id: string): ApprovalRecord | undefined {
    const row = this.#sql.find.get(id)
    return row === undefined ? undefined : recordOf(row)
  }

  of(call: BoundCall): { live: readonly ApprovalRecord[]; asked: number } {
    const key = callKey(call)
    return {
      live: this.#sql.live.all(key, key).map(recordOf),
      asked: Number(this.#sql.asked.get(key)?.['asked']),
    }
  }

  put(record: ApprovalRecord): void {
    const [call = '', goodFor = null] = keysOf(record)
    const { id, runId, state, expiresAtMs } = record
    this.#sql.put.run(id, call, goodFor, runId, state, expiresAtMs, JSON.stringify(record))
  }

  list({ states, runId, limit = 100 }: ApprovalQuery = {}, nowMs: number): ApprovalRecord[] {
    const found: ApprovalRecord[] = []
    const { all, pending, ofRun } = this.#sql
    const some = states?.every((state) => state === 'pending') === true ? pending : all
    for (const row of runId === undefined ? some.iterate() : ofRun.iterate(runId)) {
      if (found.length >= limit) break
      const record = standing(recordOf(row), nowMs)
      if (states?.includes(record.state) !== false) found.push(record)
    }
    return found
  }

  expire(forgetBeforeMs: number, nowMs: number): ApprovalRecord[] {
    const ended = this.#sql.overdue.all(nowMs).map((row) => standing(recordOf(row), nowMs))
    for (const record of ended) this.put(record)
    if (forgetBeforeMs > 0) {
      for (const row of this.#sql.all.all()) {
        const record = recordOf(row)
        if (isForgettable(record, forgetBeforeMs, nowMs)) this.#sql.forget.run(record.id)
      }
      for (const decision of this.sticky()) {
        if (isStickyForgettable(decision, forgetBeforeMs)) this.#sql.forgetSticky.run(decision.id)
      }
    }
    return ended
  }

  sticky(): StickyDecision[] {
    return this.#sql.sticky.all().map((row) => JSON.parse(String(row['row'])) as StickyDecision)
  }

  putSticky(decision: StickyDecision): void {
    this.#sql.putSticky.run(decision.id, JSON.stringify(decision))
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

type Statements = ReturnType<typeof prepare>

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text)
  return {
    find: sql('SELECT row FROM approval WHERE id = ?'),
    live: sql(`SELECT row FROM approval WHERE (call = ? OR good_for = ?) AND state <> 'used'`),
    asked: sql('SELECT count(*) AS asked FROM approval WHERE call = ?'),
    put: sql(
      `INSERT INTO approval (id, call, good_for, run, state, expires_at, row) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET good_for = excluded.good_for, state = excluded.state,
         expires_at = excluded.expires_at, row = excluded.row`,
    ),
    all: sql('SELECT row FROM approval ORDER BY ref DESC'),
    pending: sql(`SELECT row FROM approval WHERE state = 'pending' ORDER BY ref DESC`),
    ofRun: sql('SELECT row FROM approval WHERE run = ? ORDER BY ref DESC'),
    overdue: sql(`SELECT row FROM approval WHERE state = 'pending' AND expires_at <= ?`),
    forget: sql('DELETE FROM approval WHERE id = ?'),
    sticky: sql('SELECT row FROM approval_sticky ORDER BY ref DESC'),
    putSticky: sql(
      `INSERT INTO approval_sticky (id, row) VALUES (?, ?)
       ON CONFLICT (id) DO UPDATE SET row = excluded.row`,
    ),
    forgetSticky: sql('DELETE FROM approval_sticky WHERE id = ?'),
  }
}

function recordOf(row: Record<string, SQLOutputValue>): ApprovalRecord {
  return JSON.parse(String(row['row'])) as ApprovalRecord
}
