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
    const stolenBefore = this.#stolenMs
    let over = false
    return () => {
      if (over) return
      over = true
      this.#look()
      const tookMs = performance.now() - startedAtMs - (this.#stolenMs - stolenBefore)
      this.ms = Math.max(this.ms, tookMs)
    }
  }

  #look(): void {
    const now = performance.now()
    const lateMs = now - this.#lookedAtMs - everyMs
    // Timers are a little late always.
    if (lateMs > 5) this.#stolenMs += lateMs
    this.#lookedAtMs = now
  }
}
