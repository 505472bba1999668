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
  JournalStore,
} from '@holdfast/core'
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { openDatabase } from '../open-database.ts'
import { AppendGroups } from './append-groups.ts'
import type { Append } from './append-groups.ts'
import { blobOf, entryOf, framesOf, FrameWriter, seqOf } from './frames.ts'
import type { Frame } from './frames.ts'
import { eraseFromLog, readLog } from './log.ts'
import type { Log } from './log.ts'
import { OwnLogs } from './own-logs.ts'
import { runOf } from './run-row.ts'
import type { RunRow } from './run-row.ts'
import { migrate } from './schema.ts'
import { prepare } from './statements.ts'
import type { Statements } from './statements.ts'

export interface SqliteJournalOptions {
  /** `:memory:` for one that ends with the process. */
  readonly path: string
  /** What an entry outlives: `kill -9`, or a power cut too. @default 'process' */
  readonly durability?: 'process' | 'power'
  /** @default 5_000 */
  readonly busyTimeoutMs?: number
  /** A log is so long before another one is begun. @default 4 MB */
  readonly logBytes?: number
  readonly now?: () => number
}

/** A run may have so many entries; the other bits of an entry's id are its run's number. */
const entriesPerRun = 2 ** 20

/**
 * A journal in a SQLite file, for the processes of one machine. What they append at the same moment is one transaction.
 * What they record is one write to a log of each process, in a folder beside the file. The run says in which log it
 * stands, and at which place; whoever takes it over copies that into the database as far as it has come, and what is
 * written there later nobody reads. A process that ends with little in its log copies that, too.
 */
export function sqliteJournal({
  path,
  durability = 'process',
  busyTimeoutMs = 5_000,
  logBytes = 4 * 1024 * 1024,
  now = Date.now,
}: SqliteJournalOptions): JournalStore {
  const database = openDatabase(path, { durability, busyTimeoutMs })
  try {
    migrate(database, path)
  } catch (error) {
    database.close()
    throw error
  }
  const logs = path === ':memory:' ? undefined : new OwnLogs(`${path}-log`, logBytes)
  // What has to outlive a power cut waits for the disk, one way or the other.
  return new SqliteJournal(database, { logs, writesLog: durability === 'process', now })
}

/** A run that was acquired here. */
interface Held {
  readonly ref: number
  /** Where it is recorded, and which lease of the log it is. */
  readonly log: Log | undefined
  readonly place: number
}

interface Settings {
  /** Undefined for a database that is no file. */
  readonly logs: OwnLogs | undefined
  /** False where others' logs are only read. */
  readonly writesLog: boolean
  readonly now: () => number
}

class SqliteJournal implements JournalStore {
  readonly #database: DatabaseSync
  readonly #now: () => number
  readonly #sql: Statements
  readonly #held = new WeakMap<JournalLease, Held>()
  readonly #appends: AppendGroups
  readonly #logs: OwnLogs | undefined
  readonly #writesLog: boolean
  readonly #writer = new FrameWriter()
  #places = 0
  #isTidy = false

  constructor(database: DatabaseSync, { logs, writesLog, now }: Settings) {
    this.#database = database
    this.#now = now
    this.#sql = prepare(database)
    this.#logs = logs
    this.#writesLog = writesLog
    this.#appends = new AppendGroups({
      insert: (append) => this.#insert(append),
      transaction: (work) => this.#transaction(work),
    })
  }

  async acquire(request: AcquireRun): Promise<AcquireAnswer> {
    const { facts, owner } = request
    return this.#transaction(() => {
      if (!this.#isTidy) this.#tidy()
      const place = ++this.#places
      const log = this.#writesLog ? this.#logs?.now() : undefined
      const logName = log?.name ?? null
      const now = this.#now()
      const row = this.#sql.find.get(facts.id)
      const until = now + request.ttlMs
      const ownerText = JSON.stringify(owner)
      if (row === undefined) {
        if (request.only !== undefined) return { taken: false, run: undefined }
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
          logName,
          place,
        )
        const held = { ref: Number(lastInsertRowid), log, place }
        return this.#taken({ runId: facts.id, fence: 1, owner }, held, undefined)
      }
      const run = runOf(row)
      const unfinished = request.only === 'unfinished'
      if (unfinished && (run.state === 'completed' || run.state === 'failed')) {
        return { taken: false, run }
      }
      const isLeased = run.owner !== undefined && run.leaseUntilMs > now
      const held = isLeased && (unfinished || run.owner?.id !== owner.id)
      if (held && request.overFence !== run.fence) return { taken: false, run }
      const ref = Number(row['ref'])
      this.#adopt(row)
      this.#sql.take.run(ownerText, until, now, logName, place, ref)
      return this.#taken({ runId: run.id, fence: run.fence + 1, owner }, { ref, log, place }, run)
    })
  }

  async renew(leases: readonly JournalLease[], ttlMs: number): Promise<readonly string[]> {
    const now = this.#now()
    const lost = this.#transaction(() =>
      leases.filter(({ runId, fence }) => {
        const { changes } = this.#sql.renew.run(now + ttlMs, now, runId, fence)
        return Number(changes) === 0
      }),
    )
    for (const lease of lost) this.#leave(lease)
    return lost.map(({ runId }) => runId)
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
    if (release || Number(changes) === 0) this.#leave(lease)
    if (Number(changes) === 0) throw takenOver(lease)
  }

  record(
    lease: JournalLease,
    entry: JournalEntry,
    blobs: readonly JournalBlob[] = [],
  ): Promise<void> | void {
    const held = this.#held.get(lease)
    if (held?.log === undefined) return this.append(lease, [entry], blobs)
    if (entry.seq >= entriesPerRun) throw tooLong(lease)
    this.#writer.begin()
    for (const blob of blobs) this.#writer.blob(held.place, blob)
    this.#writer.entry(held.place, entry)
    try {
      held.log.write(this.#writer.buffer, this.#writer.length)
    } catch {
      // There may be room in the database.
      return this.append(lease, [entry], blobs)
    }
    return undefined
  }

  append(
    lease: JournalLease,
    entries: readonly JournalEntry[],
    blobs: readonly JournalBlob[] = [],
  ): Promise<void> {
    return this.#appends.add({ lease, entries, blobs })
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
    const row = this.#sql.find.get(runId)
    if (row === undefined) return []
    // First: what is moved meanwhile is then read twice, and not never.
    const recorded = this.#recordedOf(row).filter(({ isBlob }) => !isBlob)
    const first = Number(row['ref']) * entriesPerRun
    const last = first + entriesPerRun - 1
    const entries = new Map<number, JournalEntry>()
    for (const { id, kind, at, data, payload } of this.#sql.read.all(first, last)) {
      const seq = Number(id) - first
      entries.set(seq, {
        seq,
        kind: String(kind),
        atMs: Number(at),
        data: contentOf(data),
        ...(payload instanceof Uint8Array ? { payload } : {}),
      })
    }
    for (const frame of [...this.#chunksOf(first), ...recorded]) {
      const entry = entryOf(frame)
      entries.set(entry.seq, entry)
    }
    return [...entries.values()].toSorted((one, other) => one.seq - other.seq)
  }

  async blob(runId: string, hash: string): Promise<string | Uint8Array | undefined> {
    const row = this.#sql.find.get(runId)
    const recorded = row === undefined ? [] : this.#recordedOf(row)
    const stored = this.#sql.blob.get(runId, hash)
    if (stored !== undefined) return contentOf(stored['content'])
    return recorded
      .filter(({ isBlob }) => isBlob)
      .map(blobOf)
      .find((blob) => blob.hash === hash)?.content
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
        const { log, log_place: place } = row
        if (typeof log === 'string' && this.#logs !== undefined) {
          eraseFromLog(this.#logs.folder, log, Number(place))
        }
        this.#sql.removeEntries.run(first, first + entriesPerRun - 1)
        this.#sql.removeChunks.run(first, first + entriesPerRun - 1)
        this.#sql.removeBlobs.run(ref, ref)
        this.#sql.removeUses.run(ref)
        this.#sql.removeRun.run(ref)
        removed++
      }
      this.#tidy()
      return removed
    })
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    this.#appends.flush()
    this.#logs?.end((name) => {
      this.#transaction(() => {
        for (const row of this.#sql.inLog.all(name)) this.#adopt(row)
        this.#sql.leaveLog.run(name)
      })
    })
    this.#database.close()
  }

  /** @throws HoldfastError RUN_TAKEN_OVER where the lease is not the run's any more: then nothing is written */
  #insert({ lease, entries, blobs }: Append): void {
    const ref = this.#held.get(lease)?.ref ?? this.#refOf(lease.runId)
    if (ref === undefined) throw takenOver(lease)
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
      if (Number(changes) === 0) throw takenOver(lease)
    }
    for (const blob of blobs) this.#putBlob(ref, blob)
  }

  #putBlob(ref: number, { hash, content }: JournalBlob): void {
    this.#sql.putBlob.run(hash, content)
    this.#sql.useBlob.run(ref, hash)
  }

  /** Copies what the owner before has recorded, as far as he had come. What he adds now nobody reads. */
  #adopt(row: RunRow): void {
    const frames = this.#recordedOf(row)
    const entries = frames.filter(({ isBlob }) => !isBlob)
    const [first] = entries
    if (first === undefined) return
    const ref = Number(row['ref'])
    const content = Buffer.concat(entries.map(({ bytes }) => bytes))
    this.#sql.keep.run(ref * entriesPerRun + seqOf(first), content)
    for (const frame of frames) if (frame.isBlob) this.#putBlob(ref, blobOf(frame))
  }

  /** What the newest owner of a run has recorded. */
  #recordedOf({ log, log_place: place }: RunRow): Frame[] {
    if (typeof log !== 'string' || this.#logs === undefined) return []
    return readLog(this.#logs.folder, log, Number(place))
  }

  /** What earlier owners had recorded; `first` is the id of the run's first entry. */
  #chunksOf(first: number): Frame[] {
    return this.#sql.chunks
      .all(first, first + entriesPerRun - 1)
      .flatMap(({ content }) =>
        content instanceof Uint8Array
          ? framesOf(Buffer.from(content.buffer, content.byteOffset, content.byteLength))
          : [],
      )
  }

  /** Nothing more is recorded for a run. */
  #leave(lease: JournalLease): void {
    const log = this.#held.get(lease)?.log
    this.#held.delete(lease)
    if (log !== undefined) this.#logs?.leave(log)
  }

  /** Takes logs away that no run names. In a transaction: nobody begins to name one meanwhile. */
  #tidy(): void {
    this.#isTidy = true
    this.#logs?.tidy((name) => this.#sql.inLog.get(name) !== undefined)
  }

  #taken(lease: JournalLease, held: Held, run: JournalRun | undefined): AcquireAnswer {
    this.#held.set(lease, held)
    if (held.log !== undefined) held.log.users++
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
