import { HoldfastError } from '@holdfast/core'
import type {
  AcquireAnswer,
  AcquireRun,
  JournalBlob,
  JournalEntry,
  JournalLease,
  JournalQuery,
  JournalRun,
  JournalRunChange,
  JournalRunState,
  JournalStore,
} from '@holdfast/core'
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { openDatabase } from '../open-database.ts'
import { migrate } from './schema.ts'

export interface SqliteJournalOptions {
  /** `:memory:` for one that ends with the process. */
  readonly path: string
  /** What an entry outlives: `kill -9`, or a power cut too. @default 'process' */
  readonly durability?: 'process' | 'power'
  /** @default 5_000 */
  readonly busyTimeoutMs?: number
  readonly now?: () => number
}

/** A run may have so many entries; the other bits of an entry's id are its run's number. */
const entriesPerRun = 2 ** 20

/** A journal in a SQLite file, for the processes of one machine. What they write at the same moment is one transaction. */
export function sqliteJournal({
  path,
  durability = 'process',
  busyTimeoutMs = 5_000,
  now = Date.now,
}: SqliteJournalOptions): JournalStore {
  const database = openDatabase(path, { durability, busyTimeoutMs })
  try {
    migrate(database, path)
  } catch (error) {
    database.close()
    throw error
  }
  return new SqliteJournal(database, now)
}

interface Append {
  readonly lease: JournalLease
  readonly entries: readonly JournalEntry[]
  readonly blobs: readonly JournalBlob[]
  resolve(): void
  reject(error: unknown): void
}

class SqliteJournal implements JournalStore {
  readonly #database: DatabaseSync
  readonly #now: () => number
  readonly #sql: Statements
  /** The numbers of the runs that were acquired here. */
  readonly #refs = new WeakMap<JournalLease, number>()
  #waiting: Append[] = []

  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database
    this.#now = now
    this.#sql = prepare(database)
  }

  async acquire(request: AcquireRun): Promise<AcquireAnswer> {
    const { facts, owner } = request
    return this.#transaction(() => {
      const now = this.#now()
      const row = this.#sql.find.get(facts.id)
      const until = now + request.ttlMs
      const ownerText = JSON.stringify(owner)
      if (row === undefined) {
        if (request.existing === true) return { taken: false, run: undefined }
        const { key, parentId, agent, session, tenant, user, secret } = facts
        const names = [key, parentId, agent, session, tenant, user, secret].map(
          (name) => name ?? null,
        )
        const { lastInsertRowid } = this.#sql.begin.run(
          facts.id,
          ...names,
          now,
          now,
          ownerText,
          until,
        )
        return this.#taken({ runId: facts.id, fence: 1, owner }, Number(lastInsertRowid), undefined)
      }
      const run = runOf(row)
      const held = run.owner !== undefined && run.leaseUntilMs > now && run.owner.id !== owner.id
      if (held && request.overFence !== run.fence) return { taken: false, run }
      const ref = Number(row['ref'])
      this.#sql.take.run(ownerText, until, now, ref)
      return this.#taken({ runId: run.id, fence: run.fence + 1, owner }, ref, run)
    })
  }

  async renew(leases: readonly JournalLease[], ttlMs: number): Promise<readonly string[]> {
    const now = this.#now()
    return this.#transaction(() =>
      leases
        .filter(({ runId, fence }) => {
          const { changes } = this.#sql.renew.run(now + ttlMs, now, runId, fence)
          return Number(changes) === 0
        })
        .map(({ runId }) => runId),
    )
  }

  async update(
    lease: JournalLease,
    { state, release = false, secret }: JournalRunChange,
  ): Promise<void> {
    const { changes } = (release ? this.#sql.release : this.#sql.update).run(
      state,
      secret ?? null,
      this.#now(),
      lease.runId,
      lease.fence,
    )
    if (Number(changes) === 0) throw takenOver(lease)
  }

  append(
    lease: JournalLease,
    entries: readonly JournalEntry[],
    blobs: readonly JournalBlob[] = [],
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lease, entries, blobs, resolve, reject })
      // At the end of this turn of the event loop: what comes in it goes to the disk together.
      if (this.#waiting.length === 1) setImmediate(this.#flush)
    })
  }

  async find(runId: string): Promise<JournalRun | undefined> {
    const row = this.#sql.find.get(runId)
    return row === undefined ? undefined : runOf(row)
  }

  async list(query: JournalQuery = {}): Promise<readonly JournalRun[]> {
    const conditions: string[] = []
    const values: SQLInputValue[] = []
    const equal = (column: string, value: string | undefined): void => {
      if (value === undefined) return
      conditions.push(`${column} = ?`)
      values.push(value)
    }
    equal('key', query.key)
    equal('agent', query.agent)
    equal('session', query.session)
    if (query.states !== undefined) {
      conditions.push(`state IN (${query.states.map(() => '?').join(', ')})`)
      values.push(...query.states)
    }
    if (query.updatedBeforeMs !== undefined) {
      conditions.push('updated_at < ?')
      values.push(query.updatedBeforeMs)
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    return this.#database
      .prepare(`SELECT * FROM journal_run ${where} ORDER BY updated_at DESC, ref DESC LIMIT ?`)
      .all(...values, query.limit ?? 100)
      .map(runOf)
  }

  async read(runId: string): Promise<readonly JournalEntry[]> {
    const ref = this.#refOf(runId)
    if (ref === undefined) return []
    const first = ref * entriesPerRun
    return this.#sql.read.all(first, first + entriesPerRun - 1).map((row) => ({
      seq: Number(row['id']) - first,
      kind: String(row['kind']),
      atMs: Number(row['at']),
      data: contentOf(row['data']),
      ...(row['payload'] instanceof Uint8Array ? { payload: row['payload'] } : {}),
    }))
  }

  async blob(runId: string, hash: string): Promise<string | Uint8Array | undefined> {
    const row = this.#sql.blob.get(runId, hash)
    return row === undefined ? undefined : contentOf(row['content'])
  }

  async remove(runIds: readonly string[]): Promise<number> {
    return this.#transaction(() => {
      let removed = 0
      for (const runId of runIds) {
        const row = this.#sql.find.get(runId)
        if (row === undefined) continue
        const { owner, leaseUntilMs } = runOf(row)
        if (owner !== undefined && leaseUntilMs > this.#now()) continue
        const ref = Number(row['ref'])
        const first = ref * entriesPerRun
        this.#sql.removeEntries.run(first, first + entriesPerRun - 1)
        this.#sql.removeBlobs.run(ref, ref)
        this.#sql.removeUses.run(ref)
        this.#sql.removeRun.run(ref)
        removed++
      }
      return removed
    })
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    this.#flush()
    this.#database.close()
  }

  readonly #flush = (): void => {
    const group = this.#waiting
    if (group.length === 0) return
    this.#waiting = []
    const [only] = group
    if (group.length === 1 && only !== undefined) return this.#write(only)
    const failures = new Map<Append, unknown>()
    try {
      this.#transaction(() => {
        for (const append of group) {
          if (!this.#insert(append)) failures.set(append, takenOver(append.lease))
        }
      })
    } catch {
      // One of them, or all: each for itself tells.
      for (const append of group) this.#write(append)
      return
    }
    for (const append of group) {
      if (failures.has(append)) append.reject(failures.get(append))
      else append.resolve()
    }
  }

  /** One append in a transaction of its own. A single entry is one by itself. */
  #write(append: Append): void {
    try {
      const alone = append.entries.length === 1 && append.blobs.length === 0
      const written = alone ? this.#insert(append) : this.#transaction(() => this.#insert(append))
      if (written) append.resolve()
      else append.reject(takenOver(append.lease))
    } catch (error) {
      append.reject(error)
    }
  }

  /** False where the lease is not the run's any more: then nothing was written. */
  #insert({ lease, entries, blobs }: Append): boolean {
    const ref = this.#refs.get(lease) ?? this.#refOf(lease.runId)
    if (ref === undefined) return false
    for (const { seq, kind, atMs, data, payload } of entries) {
      if (seq >= entriesPerRun) throw tooLong(lease)
      const id = ref * entriesPerRun + seq
      const { changes } = this.#sql.insert.run(
        id,
        kind,
        atMs,
        data,
        payload ?? null,
        ref,
        lease.fence,
      )
      if (Number(changes) === 0) return false
    }
    for (const { hash, content } of blobs) {
      this.#sql.putBlob.run(hash, content)
      this.#sql.useBlob.run(ref, hash)
    }
    return true
  }

  #taken(lease: JournalLease, ref: number, run: JournalRun | undefined): AcquireAnswer {
    this.#refs.set(lease, ref)
    return { taken: true, lease, run }
  }

  #refOf(runId: string): number | undefined {
    const row = this.#sql.find.get(runId)
    return row === undefined ? undefined : Number(row['ref'])
  }

  #transaction<T>(work: () => T): T {
    this.#sql.beginWrite.run()
    try {
      const result = work()
      this.#sql.commit.run()
      return result
    } catch (error) {
      // A full disk has rolled back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

type Statements = ReturnType<typeof prepare>

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text)
  return {
    beginWrite: sql('BEGIN IMMEDIATE'),
    commit: sql('COMMIT'),
    find: sql('SELECT * FROM journal_run WHERE id = ?'),
    begin: sql(
      `INSERT INTO journal_run (id, state, key, parent_id, agent, session, tenant, user, secret, created_at, updated_at, fence, owner, lease_until)
       VALUES (?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
    ),
    take: sql(
      `UPDATE journal_run SET state = 'running', fence = fence + 1, owner = ?, lease_until = ?, updated_at = ? WHERE ref = ?`,
    ),
    renew: sql('UPDATE journal_run SET lease_until = ?, updated_at = ? WHERE id = ? AND fence = ?'),
    update: sql(
      'UPDATE journal_run SET state = ?, secret = ifnull(?, secret), updated_at = ? WHERE id = ? AND fence = ?',
    ),
    release: sql(
      'UPDATE journal_run SET state = ?, secret = ifnull(?, secret), updated_at = ?, owner = NULL, lease_until = 0 WHERE id = ? AND fence = ?',
    ),
    insert: sql(
      `INSERT INTO journal_entry (id, kind, at, data, payload)
       SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM journal_run WHERE ref = ? AND fence = ?)`,
    ),
    read: sql('SELECT * FROM journal_entry WHERE id BETWEEN ? AND ? ORDER BY id'),
    putBlob: sql('INSERT OR IGNORE INTO journal_blob (hash, content) VALUES (?, ?)'),
    useBlob: sql(
      'INSERT OR IGNORE INTO journal_blob_use SELECT ?, ref FROM journal_blob WHERE hash = ?',
    ),
    blob: sql(
      `SELECT content FROM journal_blob
       JOIN journal_blob_use ON journal_blob_use.blob = journal_blob.ref
       JOIN journal_run ON journal_run.ref = journal_blob_use.run
       WHERE journal_run.id = ? AND hash = ?`,
    ),
    removeEntries: sql('DELETE FROM journal_entry WHERE id BETWEEN ? AND ?'),
    removeBlobs: sql(
      `DELETE FROM journal_blob WHERE ref IN (SELECT blob FROM journal_blob_use WHERE run = ?)
       AND NOT EXISTS (SELECT 1 FROM journal_blob_use WHERE blob = journal_blob.ref AND run <> ?)`,
    ),
    removeUses: sql('DELETE FROM journal_blob_use WHERE run = ?'),
    removeRun: sql('DELETE FROM journal_run WHERE ref = ?'),
  }
}

function runOf(row: Record<string, SQLOutputValue>): JournalRun {
  const text = (column: string): string | undefined => {
    const value = row[column]
    return typeof value === 'string' ? value : undefined
  }
  const named = {
    key: text('key'),
    parentId: text('parent_id'),
    agent: text('agent'),
    session: text('session'),
    tenant: text('tenant'),
    user: text('user'),
    secret: text('secret'),
  }
  const owner = text('owner')
  return {
    id: String(row['id']),
    state: String(row['state']) as JournalRunState,
    ...(Object.fromEntries(
      Object.entries(named).filter(([, value]) => value !== undefined),
    ) as Partial<JournalRun>),
    createdAtMs: Number(row['created_at']),
    updatedAtMs: Number(row['updated_at']),
    fence: Number(row['fence']),
    ...(owner === undefined
      ? {}
      : { owner: JSON.parse(owner) as NonNullable<JournalRun['owner']> }),
    leaseUntilMs: Number(row['lease_until']),
  }
}

function contentOf(value: SQLOutputValue | undefined): string | Uint8Array {
  return value instanceof Uint8Array ? value : String(value)
}

function takenOver({ runId }: JournalLease): HoldfastError {
  return new HoldfastError('RUN_TAKEN_OVER', `run ${runId} belongs to another process now`)
}

function tooLong({ runId }: JournalLease): HoldfastError {
  return new HoldfastError(
    'JOURNAL_UNUSABLE',
    `run ${runId} has more than ${entriesPerRun} entries; begin a new run`,
  )
}
