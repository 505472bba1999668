import { admit, circuitFailed, circuitSucceeded, renew, settle } from './ledger.ts'
import type { LimitKind, LimitTable } from './ledger.ts'
import type {
  Admission,
  AdmissionRequest,
  CircuitRules,
  Holding,
  LimitStore,
  Settlement,
} from './limit-store.ts'

/** Limits of this process alone. `now` is in milliseconds. */
export function memoryLimitStore({
  now = Date.now,
}: { readonly now?: () => number } = {}): LimitStore {
  return new MemoryLimitStore(now)
}

class MemoryLimitStore implements LimitStore {
  readonly name = 'memory'
  readonly shared = false
  readonly #clock: () => number
  readonly #table = new ExpiringTable()

  constructor(now: () => number) {
    this.#clock = now
  }

  admit(request: AdmissionRequest): Admission {
    return admit(this.#table, request, this.#now())
  }

  settle(batch: string | undefined, settlements: readonly Settlement[]): undefined {
    settle(this.#table, batch, settlements, this.#now())
  }

  async renew(holdings: readonly Holding[]): Promise<void> {
    for (const holding of holdings) renew(this.#table, holding, this.#now())
  }

  async circuitFailed(key: string, id: string, rules: CircuitRules): Promise<boolean> {
    return circuitFailed(this.#table, key, id, rules, this.#now())
  }

  async circuitSucceeded(key: string, id: string): Promise<void> {
    this.#now()
    circuitSucceeded(this.#table, key, id)
  }

  async ping(): Promise<boolean> {
    return true
  }

  async close(): Promise<void> {}

  /** One look at the clock for each decision. */
  #now(): number {
    return (this.#table.now = this.#clock())
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
  /** When the decision under way is taken. */
  now = 0
  #newRows = 0
  #sweepAfter = 256

  get(kind: LimitKind, key: string): unknown {
    const entry = this.#kinds[kind].get(key)
    return entry === undefined || entry.expiresAtMs <= this.now ? undefined : entry.row
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
    let left = 0
    for (const rows of Object.values(this.#kinds)) {
      for (const [key, { expiresAtMs }] of rows) if (expiresAtMs <= this.now) rows.delete(key)
      left += rows.size
    }
    this.#newRows = 0
    // As many new ones again before the next look: each row is looked at a few times in its life.
    this.#sweepAfter = Math.max(256, left)
  }
}
