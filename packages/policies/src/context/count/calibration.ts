const mostSamples = 32

/** How much more a model's provider counts than is estimated here: learnt from the usage it reports, per model. */
export class Calibration {
  readonly #ratios = new Map<string, number[]>()

  /** What to multiply an estimate by. */
  factor(model: string): number {
    const ratios = this.#ratios.get(model)
    return ratios === undefined ? 1 : median(ratios)
  }

  /** True once enough was learnt to rely on. */
  isSure(model: string): boolean {
    return (this.#ratios.get(model)?.length ?? 0) >= 5
  }

  learn(model: string, estimated: number, reported: number): void {
    if (estimated < 1 || reported < 1) return
    // A report that is so far off speaks of something else: a cache, a hidden prompt, another model.
    const ratio = Math.min(Math.max(reported / estimated, 1 / 4), 4)
    const ratios = this.#ratios.get(model) ?? []
    ratios.push(ratio)
    if (ratios.length > mostSamples) ratios.shift()
    this.#ratios.delete(model)
    this.#ratios.set(model, ratios)
    if (this.#ratios.size <= 256) return
    const [oldest] = this.#ratios.keys()
    if (oldest !== undefined) this.#ratios.delete(oldest)
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 1
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}
