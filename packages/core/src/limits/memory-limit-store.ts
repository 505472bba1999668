import { admit, circuitFailed, circuitSucceeded, renew, settle } from './ledger.ts'
import type { LimitKind, LimitTable } from './ledger.ts'
import type { LimitStore } from './limit-store.ts'

/** Limits of this process alone. `now` is in milliseconds. */
export function memoryLimitStore({
  now = Date.now,
}: { readonly now?: () => number } = {}): LimitStore {
  const table = new ExpiringTable(now)
  return {
    name: 'memory',
    shared: false,
    admit: async (request) => admit(table, request, now()),
    settle: async (batch, settlements) => settle(table, batch, settlements, now()),
    async renew(holdings) {
      for (const holding of holdings) renew(table, holding, now())
    },
    circuitFailed: async (key, id, rules) => circuitFailed(table, key, id, rules, now()),
    circuitSucceeded: async (key, id) => circuitSucceeded(table, key, id),
    ping: async () => true,
    close: async () => {},
  }
}

interface Entry {
  row: unknown
  expiresAtMs: number
}

/** Rows that go away some time after they have expired. */
class ExpiringTable implements LimitTable {
  readonly #kinds: Record<LimitKind, Map<string, Entry>> = {
    circuit: new Map(),
    budget: new Map(),
    slots: new Map(),
    rate: new Map(),
    settled: new Map(),
  }
  readonly #now: () => number
  #newRows = 0
  #sweepAfter = 256

  constructor(now: () => number) {
    this.#now = now
  }

  get(kind: LimitKind, key: string): unknown {
    const entry = this.#kinds[kind].get(key)
    return entry === undefined || entry.expiresAtMs <= this.#now() ? undefined : entry.row
  }

  set(kind: LimitKind, key: string, row: unknown, expiresAtMs: number): void {
    const entry = this.#kinds[kind].get(key)
    if (entry !== undefined) {
      entry.row = row
      entry.expiresAtMs = expiresAtMs
      return
    }
    this.#kinds[kind].set(key, { row, expiresAtMs })
    if (++this.#newRows > this.#sweepAfter) this.#sweep()
  }

  delete(kind: LimitKind, key: string): void {
    this.#kinds[kind].delete(key)
  }

  #sweep(): void {
    const now = this.#now()
    let left = 0
    for (const rows of Object.values(this.#kinds)) {
      for (const [key, { expiresAtMs }] of rows) if (expiresAtMs <= now) rows.delete(key)
      left += rows.size
    }
    this.#newRows = 0
    // As many new ones again before the next look: each row is looked at a few times in its life.
    this.#sweepAfter = Math.max(256, left)
  }
}
