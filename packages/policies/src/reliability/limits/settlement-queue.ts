import { randomUUID } from 'node:crypto'
import type { LimitStore, Settlement } from '@holdfast/core/limits'

/** Tells a store what requests took: together, in the background, and again where it did not get there. */
export class SettlementQueue {
  readonly #store: LimitStore
  readonly #failed: (error: unknown) => void
  #waiting: Settlement[] = []
  /** Nobody knows whether these got there. Their name makes it safe to send them again. */
  #unsure: { readonly name: string; readonly settlements: readonly Settlement[] }[] = []
  #flush: Promise<void> | undefined

  constructor(store: LimitStore, failed: (error: unknown) => void) {
    this.#store = store
    this.#failed = failed
  }

  /** Resolves when the store has been told, or could not be. */
  add(settlement: Settlement): Promise<void> {
    this.#waiting.push(settlement)
    this.#flush ??= new Promise((resolve) => {
      // What ends in the same turn goes together.
      setImmediate(() => void this.#send().then(resolve))
    })
    return this.#flush
  }

  /** Sends what did not get there. */
  async resend(): Promise<void> {
    const batches = this.#unsure
    this.#unsure = []
    for (const { name, settlements } of batches) await this.#tell(name, settlements)
  }

  async #send(): Promise<void> {
    this.#flush = undefined
    while (this.#waiting.length > 0) {
      await this.#tell(randomUUID(), this.#waiting.splice(0, mostInBatch))
    }
  }

  async #tell(name: string, settlements: readonly Settlement[]): Promise<void> {
    try {
      await this.#store.settle(name, settlements)
    } catch (error) {
      // Where the store stays away for so long that these go, their leases have ended as well.
      if (this.#unsure.length >= mostUnsure) this.#unsure.shift()
      this.#unsure.push({ name, settlements })
      this.#failed(error)
    }
  }
}

const mostInBatch = 100
const mostUnsure = 10_000
