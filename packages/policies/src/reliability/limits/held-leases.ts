import type { Holding, LimitStore } from '@holdfast/core/limits'

/** What a request under way keeps from others. */
export interface Held extends Holding {
  /** performance.now() milliseconds: whoever has not settled by then never will. */
  readonly endsAtMs: number
  /** Settles in its place. */
  abandon(): void
}

/** Renews what the requests of this process hold, all of them together, until they have settled. */
export class HeldLeases {
  readonly #store: LimitStore
  readonly #failed: (error: unknown) => void
  readonly #held = new Set<Held>()
  #timer: NodeJS.Timeout | undefined
  #everyMs = Infinity

  constructor(store: LimitStore, failed: (error: unknown) => void) {
    this.#store = store
    this.#failed = failed
  }

  add(held: Held): void {
    this.#held.add(held)
    this.#tick(held.leaseMs / 3)
  }

  delete(held: Held): void {
    this.#held.delete(held)
    if (this.#held.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#everyMs = Infinity
  }

  /** Often enough for the shortest lease. A process that has nothing else to do may end. */
  #tick(everyMs: number): void {
    if (everyMs >= this.#everyMs) return
    this.#everyMs = everyMs
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#renew(), everyMs)
    this.#timer.unref()
  }

  #renew(): void {
    const now = performance.now()
    const living: Held[] = []
    for (const held of this.#held) {
      if (held.endsAtMs > now) living.push(held)
      else held.abandon()
    }
    if (living.length === 0) return
    this.#store.renew(living).catch((error: unknown) => this.#failed(error))
  }
}
