/** A figure with the interval that holds 95 % of its bootstrap resamples. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted()
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at % 1)
}

/** The median of the values, with its bootstrap interval. Deterministic: the resamples come from a fixed seed. */
export function bootstrapMedian(values: readonly number[], resamples = 1_000): Estimate {
  const random = mulberry32(1)
  const medians = Array.from({ length: resamples }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  )
  return { value: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) }
}

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
