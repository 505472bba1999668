import { setTimeout as sleep } from 'node:timers/promises'
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
  ApprovalDecision,
  ApprovalQuery,
  ApprovalRecord,
  ApprovalStore,
  ApprovalTable,
  AskApproval,
  AskedApproval,
  BoundCall,
  StickyDecision,
} from '@holdfast/core/approvals'
import { AskedRedis } from '../asked-redis.ts'
import type { RedisAddress } from '../connect-redis.ts'
import { forgetScript, lookScript, putScript, swapScript } from './scripts.ts'

/** Approvals in Redis, shared by all processes of all machines that use the same Redis and prefix. */
export interface RedisApprovalStoreOptions extends RedisAddress {
  /** What all keys begin with, as their hash tag: in a cluster all of them stand on one node. @default 'holdfast' */
  readonly prefix?: string
  /** How long an operation may take, connecting included. @default 5_000 */
  readonly timeoutMs?: number
}

/** Opens approvals in Redis. ioredis is loaded, and the connection opened, at the first use. */
export function redisApprovalStore(options: RedisApprovalStoreOptions): ApprovalStore {
  return new RedisApprovalStore(options)
}

const scripts = {
  holdfastApprovalLook: { lua: lookScript },
  holdfastApprovalPut: { lua: putScript },
  holdfastApprovalForget: { lua: forgetScript },
  holdfastApprovalSwap: { lua: swapScript },
}

/** So many records are looked at in one go. */
const pageOfRecords = 200
/** So often a decision is taken anew because others were faster. */
const mostTries = 100

class RedisApprovalStore implements ApprovalStore {
  readonly name = 'redis'
  readonly shared = true
  readonly #tag: string
  readonly #redis: AskedRedis<typeof scripts>

  constructor(options: RedisApprovalStoreOptions) {
    this.#tag = `{${options.prefix ?? 'holdfast'}}:approvals`
    const { timeoutMs } = options
    this.#redis = new AskedRedis(options, { scripts, timeoutMs, keeps: 'the approvals' })
  }

  ask(asked: AskApproval): Promise<AskedApproval> {
    return this.#change({ call: asked.question }, (table, nowMs) => ask(table, asked, nowMs))
  }

  async find(id: string): Promise<ApprovalRecord | undefined> {
    const { table, nowMs } = await this.#look({ id })
    const record = table.find(id)
    return record === undefined ? undefined : standing(record, nowMs)
  }

  decide(id: string, decision: ApprovalDecision): Promise<ApprovalRecord> {
    return this.#change({ id }, (table, nowMs) => decide(table, id, decision, nowMs))
  }

  withdraw(
    id: string,
    denial: { readonly by: string; readonly reason: string },
  ): Promise<ApprovalRecord> {
    return this.#change({ id }, (table, nowMs) => withdraw(table, id, denial, nowMs))
  }

  redeem(call: BoundCall): Promise<ApprovalRecord | undefined> {
    return this.#change({ call }, (table, nowMs) => redeem(table, call, nowMs))
  }

  async list({ states, runId, limit = 100 }: ApprovalQuery = {}): Promise<ApprovalRecord[]> {
    const found: ApprovalRecord[] = []
    const onlyPending = states?.every((state) => state === 'pending') === true
    for await (const { record, nowMs } of this.#all(onlyPending ? this.#pending : this.#times)) {
      if (found.length >= limit) break
      const stands = standing(record, nowMs)
      if (states?.includes(stands.state) === false) continue
      if (runId === undefined || stands.runId === runId) found.push(stands)
    }
    return found
  }

  async expire(forgetBeforeMs = 0): Promise<ApprovalRecord[]> {
    const ended: ApprovalRecord[] = []
    for await (const { record, text, nowMs } of this.#all(this.#pending)) {
      const stands = standing(record, nowMs)
      // Where somebody was faster, it has ended otherwise.
      if (stands.state === 'expired' && (await this.#put(stands, text, 0))) ended.push(stands)
    }
    if (forgetBeforeMs > 0) await this.#forget(forgetBeforeMs)
    return ended
  }

  async #forget(beforeMs: number): Promise<void> {
    for await (const { record, text, nowMs } of this.#all(this.#times, beforeMs)) {
      if (!isForgettable(record, beforeMs, nowMs)) continue
      const calls = keysOf(record).map((key) => this.#call(key))
      const keys = [this.#records, this.#times, this.#pending, ...calls]
      await this.#redis.run('holdfastApprovalForget', keys, [record.id, text])
    }
    const client = await this.#redis.client()
    for (const decision of await this.stickyDecisions()) {
      if (!isStickyForgettable(decision, beforeMs)) continue
      await this.#redis.within(client.hdel(this.#sticky, decision.id))
    }
  }

  async remember(decision: Omit<StickyDecision, 'createdAtMs'>): Promise<StickyDecision> {
    const client = await this.#redis.client()
    const { nowMs } = await this.#look({ id: '' })
    const remembered = { ...decision, createdAtMs: nowMs }
    await this.#redis.within(client.hset(this.#sticky, decision.id, JSON.stringify(remembered)))
    return remembered
  }

  async stickyDecisions(): Promise<readonly StickyDecision[]> {
    const client = await this.#redis.client()
    const texts = await this.#redis.within(client.hvals(this.#sticky))
    return texts
      .map((text) => JSON.parse(text) as StickyDecision)
      .toSorted((one, other) => other.createdAtMs - one.createdAtMs)
  }

  async revoke(id: string, by: string): Promise<StickyDecision> {
    const client = await this.#redis.client()
    const { nowMs } = await this.#look({ id: '' })
    const text = await this.#redis.within(client.hget(this.#sticky, id))
    if (text === null) throw unknownApproval(id)
    const decision = JSON.parse(text) as StickyDecision
    if (decision.revokedAtMs !== undefined) return decision
    const revoked = { ...decision, revokedBy: by, revokedAtMs: nowMs }
    const args = [id, text, JSON.stringify(revoked)]
    if ((await this.#redis.run('holdfastApprovalSwap', [this.#sticky], args)) === 1) return revoked
    return this.revoke(id, by)
  }

  async close(): Promise<void> {
    this.#redis.close()
  }

  /** Takes a decision about what stands there, again and again until nobody has changed it meanwhile. */
  async #change<T>(
    about: { readonly id?: string; readonly call?: BoundCall },
    decision: (table: ApprovalTable, nowMs: number) => T,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      const { table, nowMs } = await this.#look(about)
      const result = decision(table, nowMs)
      const { written } = table
      if (written === undefined) return result
      if (await this.#put(written, table.textOf(written.id), table.asked)) return result
      if (tries === mostTries) throw this.#redis.unreachable(new Error('others write all the time'))
      await sleep(Math.random() * 5)
    }
  }

  async #look({ id, call }: { readonly id?: string; readonly call?: BoundCall }) {
    const keys = [this.#records, this.#call(call === undefined ? '' : callKey(call))]
    const answer = await this.#redis.run('holdfastApprovalLook', keys, id === undefined ? [] : [id])
    const [nowMs, asked, texts] = answer as [number, number, string[]]
    return { table: new LookedAt(texts, asked), nowMs }
  }

  /** False where it has changed since it was `was`. */
  async #put(record: ApprovalRecord, was: string, asked: number): Promise<boolean> {
    const { id, createdAtMs, state } = record
    const [call = '', goodFor = call] = keysOf(record).map((key) => this.#call(key))
    const answer = await this.#redis.run(
      'holdfastApprovalPut',
      [this.#records, this.#times, this.#pending, call, goodFor],
      [id, was, JSON.stringify(record), createdAtMs, state, asked],
    )
    return answer === 1
  }

  /** Every record of an index that is from before then, the latest first. */
  async *#all(
    index: string,
    beforeMs: number | '+inf' = '+inf',
  ): AsyncGenerator<{ record: ApprovalRecord; text: string; nowMs: number }> {
    const client = await this.#redis.client()
    // All ids before the first record: what is forgotten meanwhile moves the others.
    const ids = await this.#redis.within(client.zrevrangebyscore(index, beforeMs, '-inf'))
    for (let from = 0; from < ids.length; from += pageOfRecords) {
      const keys = [this.#records, this.#call('')]
      const page = ids.slice(from, from + pageOfRecords)
      const answer = await this.#redis.run('holdfastApprovalLook', keys, page)
      const [nowMs, , texts] = answer as [number, number, string[]]
      for (const text of texts) yield { record: JSON.parse(text) as ApprovalRecord, text, nowMs }
    }
  }

  get #records(): string {
    return `${this.#tag}:records`
  }

  get #times(): string {
    return `${this.#tag}:times`
  }

  get #pending(): string {
    return `${this.#tag}:pending`
  }

  get #sticky(): string {
    return `${this.#tag}:sticky`
  }

  #call(key: string): string {
    return `${this.#tag}:call:${key}`
  }
}

/** Records as they were looked at, and the one that a decision has written. */
class LookedAt implements ApprovalTable {
  readonly asked: number
  readonly #records: ReadonlyMap<string, { readonly record: ApprovalRecord; readonly text: string }>
  written: ApprovalRecord | undefined

  constructor(texts: readonly string[], asked: number) {
    this.asked = asked
    this.#records = new Map(
      texts.map((text) => {
        const record = JSON.parse(text) as ApprovalRecord
        return [record.id, { record, text }]
      }),
    )
  }

  find(id: string): ApprovalRecord | undefined {
    return this.#records.get(id)?.record
  }

  of(): { live: readonly ApprovalRecord[]; asked: number } {
    return { live: [...this.#records.values()].map(({ record }) => record), asked: this.asked }
  }

  put(record: ApprovalRecord): void {
    this.written = record
  }

  textOf(id: string): string {
    return this.#records.get(id)?.text ?? ''
  }
}
