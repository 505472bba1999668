/** How long one endpoint took to begin its answers lately, and how often it may be asked twice. */
export class Latencies {
  readonly #samples: Float64Array
  #count = 0
  #fresh = 0
  #quantileMs: number | undefined
  #credit = 0

  constructor(windowSize: number) {
    this.#samples = new Float64Array(windowSize)
  }

  add(tookMs: number): void {
    this.#samples[this.#count++ % this.#samples.length] = tookMs
    this.#fresh++
  }

  /** So long all but the slowest took; undefined while too few are known. */
  quantileMs(quantile: number, minSamples: number): number | undefined {
    const known = Math.min(this.#count, this.#samples.length)
    if (known < minSamples) return undefined
    // A new answer among many hardly moves it: it is looked for again after each tenth.
    if (this.#quantileMs === undefined || this.#fresh >= known / 10) {
      this.#fresh = 0
      const sorted = this.#samples.slice(0, known).toSorted()
      this.#quantileMs = sorted[Math.min(known - 1, Math.ceil(known * quantile) - 1)]
    }
    return this.#quantileMs
  }

  /** Counts a call, which earns a share of a second request. */
  called(maxShare: number): void {
    this.#credit = Math.min(this.#credit + maxShare, mostCredit)
  }

  get mayHedge(): boolean {
    return this.#credit >= 1 - rounding
  }

  hedged(): void {
    this.#credit -= 1
  }
}

/** So many slow calls in a row may be helped after a long quiet time. */
const mostCredit = 5
const rounding = 1e-9
