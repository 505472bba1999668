import { admit, circuitFailed, circuitSucceeded, renew, settle } from './ledger.ts'
import type { LimitTable } from './ledger.ts'
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

/** Rows that go away some time after they have expired. */
class ExpiringTable implements LimitTable {
  readonly #rows = new Map<string, { row: unknown; expiresAtMs: number }>()
  readonly #now: () => number
  #sweepAtSize = 256

  constructor(now: () => number) {
    this.#now = now
  }

  get(key: string): unknown {
    const entry = this.#rows.get(key)
    return entry === undefined || entry.expiresAtMs <= this.#now() ? undefined : entry.row
  }

  set(key: string, row: unknown, expiresAtMs: number): void {
    const entry = this.#rows.get(key)
    if (entry === undefined) this.#rows.set(key, { row, expiresAtMs })
    else Object.assign(entry, { row, expiresAtMs })
    if (this.#rows.size > this.#sweepAtSize) this.#sweep()
  }

  delete(key: string): void {
    this.#rows.delete(key)
  }

  #sweep(): void {
    const now = this.#now()
    for (const [key, { expiresAtMs }] of this.#rows) {
      if (expiresAtMs <= now) this.#rows.delete(key)
    }
    // Twice as many again before the next look: each row is looked at a few times in its life.
    this.#sweepAtSize = Math.max(256, this.#rows.size * 2)
  }
}
