const slots = 10
const slotMs = 1000

/**
 * Keeps retries from making an outage worse: at most a share of a provider's requests of the last ten seconds
 * may be retries, and some per second always.
 */
export class RetryBudget {
  readonly #share: number
  readonly #perSecond: number
  readonly #windows = new Map<string, Window>()

  constructor(share: number, perSecond: number) {
    this.#share = share
    this.#perSecond = perSecond
  }

  /** Counts a first request. */
  request(provider: string, nowMs: number): void {
    this.#at(provider, nowMs).requests++
  }

  /** Takes one retry out of the budget; false when it is spent. */
  take(provider: string, nowMs: number): boolean {
    const slot = this.#at(provider, nowMs)
    let requests = 0
    let retries = 0
    for (const { startMs, requests: some, retries: again } of this.#windows.get(provider) ?? []) {
      if (nowMs - startMs >= slots * slotMs) continue
      requests += some
      retries += again
    }
    const allowed = this.#share * requests + this.#perSecond * ((slots * slotMs) / 1000)
    if (retries >= allowed) return false
    slot.retries++
    return true
  }

  #at(provider: string, nowMs: number): Slot {
    let window = this.#windows.get(provider)
    if (window === undefined) {
      window = Array.from({ length: slots }, () => ({
        startMs: -Infinity,
        requests: 0,
        retries: 0,
      }))
      this.#windows.set(provider, window)
    }
    const number = Math.floor(nowMs / slotMs)
    const slot = window[number % slots] as Slot
    const startMs = number * slotMs
    if (slot.startMs !== startMs) {
      slot.startMs = startMs
      slot.requests = 0
      slot.retries = 0
    }
    return slot
  }
}

interface Slot {
  startMs: number
  requests: number
  retries: number
}

type Window = Slot[]
