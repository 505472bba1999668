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
  JournalRunFacts,
  JournalRunState,
  JournalStore,
  LeaseOwner,
} from '@holdfast/core'
import { AskedRedis } from '../asked-redis.ts'
import type { RedisAddress } from '../connect-redis.ts'
import { blobBytes, blobOf, entryBytes, entryOf } from './entry-bytes.ts'
import { acquireScript, appendScript, removeScript, renewScript, updateScript } from './scripts.ts'

/** A journal in Redis, shared by all processes of all machines that use the same Redis and prefix. */
export interface RedisJournalOptions extends RedisAddress {
  /** What all keys begin with. @default 'holdfast' */
  readonly prefix?: string
  /** How long an operation may take, connecting included. @default 5_000 */
  readonly timeoutMs?: number
}

/** Opens a journal in Redis. ioredis is loaded, and the connection opened, at the first use. */
export function redisJournal(options: RedisJournalOptions): JournalStore {
  return new RedisJournal(options)
}

/** So many runs are looked at in one go. */
const pageOfRuns = 200

class RedisJournal implements JournalStore {
  readonly #prefix: string
  readonly #redis: AskedRedis<typeof scripts>

  constructor(options: RedisJournalOptions) {
    this.#prefix = options.prefix ?? 'holdfast'
    const { timeoutMs } = options
    this.#redis = new AskedRedis(options, {
      scripts,
      timeoutMs,
      keeps: 'the journal',
      closed: () => new HoldfastError('JOURNAL_UNUSABLE', 'the journal is closed'),
    })
  }

  async acquire({ facts, owner, ttlMs, overFence, only }: AcquireRun): Promise<AcquireAnswer> {
    const { id } = facts
    // Before the run itself: a run that cannot be found again would be lost after a crash between the two.
    if (only === undefined) await this.#index(facts, Date.now(), 'NX')
    const answer = await this.#redis.run(
      'holdfastJournalAcquire',
      [this.#key(id, 'run')],
      [JSON.stringify(facts), JSON.stringify(owner), owner.id, ttlMs, overFence ?? '', only ?? ''],
    )
    const [taken, fence, fields, now] = answer as [number, number, string[], number]
    const run = fields.length === 0 ? undefined : runOf(id, pairs(fields))
    if (taken === 0) return { taken: false, run }
    await this.#index({ ...facts, ...run }, now)
    return { taken: true, lease: { runId: id, fence, owner }, run }
  }

  async renew(leases: readonly JournalLease[], ttlMs: number): Promise<readonly string[]> {
    const answers = await Promise.all(
      leases.map(({ runId, fence }) =>
        this.#redis.run('holdfastJournalRenew', [this.#key(runId, 'run')], [fence, ttlMs]),
      ),
    )
    return leases.filter((_, index) => answers[index] === 0).map(({ runId }) => runId)
  }

  async update(
    lease: JournalLease,
    { state, release = false, secret = '' }: JournalRunChange,
  ): Promise<void> {
    const { runId, fence } = lease
    const keys = [this.#key(runId, 'run')]
    const now = await this.#redis.run('holdfastJournalUpdate', keys, [
      fence,
      state,
      release ? 1 : 0,
      secret,
    ])
    if (now === 0) throw takenOver(lease)
    await this.#index({ id: runId }, Number(now))
  }

  async append(
    lease: JournalLease,
    entries: readonly JournalEntry[],
    blobs: readonly JournalBlob[] = [],
  ): Promise<void> {
    const { runId, fence } = lease
    const answer = await this.#redis.run(
      'holdfastJournalAppend',
      [this.#key(runId, 'run'), this.#key(runId, 'entries'), this.#key(runId, 'blobs')],
      [
        fence,
        entries.length,
        ...entries.flatMap((entry) => [entry.seq, entryBytes(entry)]),
        ...blobs.flatMap(({ hash, content }) => [hash, blobBytes(content)]),
      ],
    )
    if (answer === 0) throw takenOver(lease)
  }

  async find(runId: string): Promise<JournalRun | undefined> {
    const client = await this.#redis.client()
    const fields = await this.#redis.within(client.hgetall(this.#key(runId, 'run')))
    return Object.keys(fields).length === 0 ? undefined : runOf(runId, fields)
  }

  async list(query: JournalQuery = {}): Promise<readonly JournalRun[]> {
    const client = await this.#redis.client()
    const { limit = 100, key } = query
    const index = key === undefined ? this.#runsKey : this.#workKey(key)
    const found: JournalRun[] = []
    for (let from = 0; found.length < limit; from += pageOfRuns) {
      const ids = await this.#redis.within(client.zrevrange(index, from, from + pageOfRuns - 1))
      const runs = await Promise.all(ids.map((id) => this.find(id)))
      for (const run of runs) if (run !== undefined && matches(run, query)) found.push(run)
      if (ids.length < pageOfRuns) break
    }
    return found.slice(0, limit)
  }

  async read(runId: string): Promise<readonly JournalEntry[]> {
    const client = await this.#redis.client()
    const fields = await this.#redis.within(client.hgetallBuffer(this.#key(runId, 'entries')))
    return Object.entries(fields)
      .map(([seq, bytes]) => entryOf(Number(seq), bytes))
      .toSorted((one, other) => one.seq - other.seq)
  }

  async blob(runId: string, hash: string): Promise<string | Uint8Array | undefined> {
    const client = await this.#redis.client()
    const bytes = await this.#redis.within(client.hgetBuffer(this.#key(runId, 'blobs'), hash))
    return bytes === null ? undefined : blobOf(bytes)
  }

  async remove(runIds: readonly string[]): Promise<number> {
    const client = await this.#redis.client()
    let removed = 0
    for (const id of runIds) {
      const run = await this.find(id)
      const keys = ['run', 'entries', 'blobs'].map((part) => this.#key(id, part))
      if ((await this.#redis.run('holdfastJournalRemove', keys, [])) === 0) continue
      removed++
      await this.#redis.within(client.zrem(this.#runsKey, id))
      if (run?.key !== undefined) await this.#redis.within(client.zrem(this.#workKey(run.key), id))
    }
    return removed
  }

  async close(): Promise<void> {
    this.#redis.close()
  }

  /** Runs are found by when they were last touched; those of the same work by that too. */
  async #index(
    { id, key }: Pick<JournalRunFacts, 'id' | 'key'>,
    atMs: number,
    only?: 'NX',
  ): Promise<void> {
    const client = await this.#redis.client()
    const indexes = [this.#runsKey, ...(key === undefined ? [] : [this.#workKey(key)])]
    await this.#redis.within(
      Promise.all(
        indexes.map((index) =>
          only === undefined ? client.zadd(index, atMs, id) : client.zadd(index, only, atMs, id),
        ),
      ),
    )
  }

  /** In a cluster, a run stands on one node. */
  #key(runId: string, part: string): string {
    return `${this.#prefix}:journal:{${encodeURIComponent(runId)}}:${part}`
  }

  get #runsKey(): string {
    return `${this.#prefix}:journal:runs`
  }

  #workKey(key: string): string {
    return `${this.#prefix}:journal:work:${key}`
  }
}

const scripts = {
  holdfastJournalAcquire: { lua: acquireScript },
  holdfastJournalRenew: { lua: renewScript },
  holdfastJournalUpdate: { lua: updateScript },
  holdfastJournalAppend: { lua: appendScript },
  holdfastJournalRemove: { lua: removeScript },
}

function pairs(list: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (let index = 0; index < list.length; index += 2) {
    fields[list[index] ?? ''] = list[index + 1] ?? ''
  }
  return fields
}

function runOf(id: string, fields: Readonly<Record<string, string>>): JournalRun {
  const { facts = '{}', state = 'running', owner, secret } = fields
  return {
    ...(JSON.parse(facts) as JournalRunFacts),
    id,
    state: state as JournalRunState,
    ...(secret === undefined ? {} : { secret }),
    createdAtMs: Number(fields['created']),
    updatedAtMs: Number(fields['updated']),
    fence: Number(fields['fence']),
    ...(owner === undefined ? {} : { owner: JSON.parse(owner) as LeaseOwner }),
    leaseUntilMs: Number(fields['until'] ?? 0),
  }
}

function matches(run: JournalRun, query: JournalQuery): boolean {
  const { states, key, agent, session, updatedBeforeMs } = query
  return (
    (states === undefined || states.includes(run.state)) &&
    (key === undefined || run.key === key) &&
    (agent === undefined || run.agent === agent) &&
    (session === undefined || run.session === session) &&
    (updatedBeforeMs === undefined || run.updatedAtMs < updatedBeforeMs)
  )
}

function takenOver({ runId }: JournalLease): HoldfastError {
  return new HoldfastError('RUN_TAKEN_OVER', `run ${runId} belongs to another process now`)
}
