import type { ApprovalRecord, ApprovalStore, BoundCall, StickyDecision } from './approval-store.ts'
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
} from './ledger.ts'
import type { ApprovalTable } from './ledger.ts'

/** Approvals of this process alone; they end with it. */
export function memoryApprovalStore({
  now = Date.now,
}: { readonly now?: () => number } = {}): ApprovalStore {
  const table = new MemoryTable()
  const sticky = new Map<string, StickyDecision>()
  return {
    name: 'memory',
    shared: false,
    ask: async (asked) => ask(table, asked, now()),
    async find(id) {
      const record = table.find(id)
      return record === undefined ? undefined : standing(record, now())
    },
    decide: async (id, decision) => decide(table, id, decision, now()),
    withdraw: async (id, denial) => withdraw(table, id, denial, now()),
    redeem: async (call) => redeem(table, call, now()),
    async list({ states, runId, limit = 100 } = {}) {
      return [...table.records.values()]
        .map((record) => standing(record, now()))
        .filter((one) => states?.includes(one.state) !== false)
        .filter((one) => runId === undefined || one.runId === runId)
        .toReversed()
        .slice(0, limit)
    },
    async expire(forgetBeforeMs = 0) {
      const nowMs = now()
      const ended: ApprovalRecord[] = []
      for (const record of table.records.values()) {
        const stands = standing(record, nowMs)
        if (record.state === 'pending' && stands.state === 'expired') {
          table.put(stands)
          ended.push(stands)
        } else if (isForgettable(record, forgetBeforeMs, nowMs)) table.forget(record)
      }
      for (const [id, decision] of sticky) {
        if (isStickyForgettable(decision, forgetBeforeMs)) sticky.delete(id)
      }
      return ended
    },
    async remember(decision) {
      const remembered = { ...decision, createdAtMs: now() }
      sticky.set(decision.id, remembered)
      return remembered
    },
    stickyDecisions: async () => [...sticky.values()].toReversed(),
    async revoke(id, by) {
      const decision = sticky.get(id)
      if (decision === undefined) throw unknownApproval(id)
      if (decision.revokedAtMs !== undefined) return decision
      const revoked = { ...decision, revokedBy: by, revokedAtMs: now() }
      sticky.set(id, revoked)
      return revoked
    },
    async close() {},
  }
}

interface Call {
  asked: number
  readonly live: Set<string>
}

class MemoryTable implements ApprovalTable {
  readonly records = new Map<string, ApprovalRecord>()
  readonly #calls = new Map<string, Call>()

  find(id: string): ApprovalRecord | undefined {
    return this.records.get(id)
  }

  of(call: BoundCall): { live: readonly ApprovalRecord[]; asked: number } {
    const { live, asked } = this.#calls.get(callKey(call)) ?? { live: [], asked: 0 }
    return { live: [...live].flatMap((id) => this.records.get(id) ?? []), asked }
  }

  put(record: ApprovalRecord): void {
    const [asked, ...others] = keysOf(record)
    if (asked === undefined) return
    if (!this.records.has(record.id)) this.#call(asked).asked++
    for (const key of [asked, ...others]) {
      if (record.state === 'used') this.#call(key).live.delete(record.id)
      else this.#call(key).live.add(record.id)
    }
    this.records.set(record.id, record)
  }

  forget(record: ApprovalRecord): void {
    this.records.delete(record.id)
    for (const key of keysOf(record)) {
      const call = this.#calls.get(key)
      call?.live.delete(record.id)
      if (call?.live.size === 0) this.#calls.delete(key)
    }
  }

  #call(key: string): Call {
    let call = this.#calls.get(key)
    if (call === undefined) this.#calls.set(key, (call = { asked: 0, live: new Set() }))
    return call
  }
}
