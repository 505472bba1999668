/** How often it is looked whether the process runs at all. */
const everyMs = 2

/**
 * The longest wait of many, without the time in which this process could not run: on a busy machine that says more of
 * the machine than of what was waited for.
 */
export class LongestWait {
  ms = 0
  #stolenMs = 0
  #lookedAtMs: number = performance.now()

  constructor() {
    setInterval(() => this.#look(), everyMs).unref()
  }

  reset(): void {
    this.ms = 0
  }

  /** Begins a wait; the function that this returns ends it, the first time it is called. */
  start(): () => void {
    const startedAtMs = performance.now()
    const stolenBefore = this.#stolenUntil(startedAtMs)
    let over = false
    return () => {
      if (over) return
      over = true
      const now = performance.now()
      this.ms = Math.max(this.ms, now - startedAtMs - (this.#stolenUntil(now) - stolenBefore))
    }
  }

  #look(): void {
    const now = performance.now()
    this.#stolenMs = this.#stolenUntil(now)
    this.#lookedAtMs = now
  }

  #stolenUntil(now: number): number {
    const lateMs = now - this.#lookedAtMs - everyMs
    // Timers are a little late always.
    return lateMs > 1 ? this.#stolenMs + lateMs : this.#stolenMs
  }
}
