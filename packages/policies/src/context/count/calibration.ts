import { amountsOf, familyOf, weightNames } from './families.ts'
import type { Family, Weights } from './families.ts'
import type { Features } from './prefix-counts.ts'

interface Sample {
  readonly x: Float64Array
  readonly tokens: number
}

interface Model {
  readonly samples: Sample[]
  readonly weights: Weights
}

const mostSamples = 32
const mostModels = 256

/** How much of what a provider reports is chance: of a request, and of each of its tokens. */
const noise = { tokens: 1, share: 0.025 }

/**
 * Learns how a model's provider counts from the usage that it reports: a regression over the last calls that begins with
 * what is usual for its family, and takes a report that is far off for less than one that is not.
 */
export class Calibration {
  readonly #models = new Map<string, Model>()

  weights(name: string): Weights {
    return this.#models.get(name)?.weights ?? familyOf(name).weights
  }

  /** True once enough was learnt to rely on. */
  isSure(name: string): boolean {
    return (this.#models.get(name)?.samples.length ?? 0) >= 5
  }

  learn(name: string, features: Features, tokens: number): void {
    const samples = [
      ...(this.#models.get(name)?.samples ?? []),
      { x: arrayOf(amountsOf(features)), tokens },
    ]
    const last = samples.slice(-mostSamples)
    this.#models.delete(name)
    this.#models.set(name, { samples: last, weights: fit(last, familyOf(name)) })
    if (this.#models.size <= mostModels) return
    const [oldest] = this.#models.keys()
    if (oldest !== undefined) this.#models.delete(oldest)
  }
}

function arrayOf(some: Readonly<Record<keyof Weights, number>>): Float64Array {
  return Float64Array.from(weightNames, (name) => some[name])
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0)
  return sum
}

/** Least squares held by the prior; what is farther off than chance counts for less. */
function fit(samples: readonly Sample[], { weights: prior, spread }: Family): Weights {
  const size = weightNames.length
  const begin = arrayOf(prior)
  const hold = arrayOf(spread).map((one) => 1 / one ** 2)
  let weights = begin
  for (let round = 0; round < 3; round++) {
    const matrix = Array.from({ length: size }, (_, row) => {
      const line = new Float64Array(size)
      line[row] = hold[row] ?? 0
      return line
    })
    const vector = begin.map((one, row) => one * (hold[row] ?? 0))
    for (const { x, tokens } of samples) {
      const chance = Math.hypot(noise.tokens, noise.share * tokens)
      const off = Math.abs(dot(weights, x) - tokens) / chance
      const trust = (round === 0 || off < 2 ? 1 : 2 / off) / chance ** 2
      for (let row = 0; row < size; row++) {
        const one = trust * (x[row] ?? 0)
        if (one === 0) continue
        vector[row] = (vector[row] ?? 0) + one * tokens
        const line = matrix[row] ?? vector
        for (let column = 0; column < size; column++) {
          line[column] = (line[column] ?? 0) + one * (x[column] ?? 0)
        }
      }
    }
    weights = solve(matrix, vector)
  }
  return Object.fromEntries(
    weightNames.map((name, at) => [name, weights[at]]),
  ) as unknown as Weights
}

/** Gauss: the matrix is positive, the prior sees to that. */
function solve(matrix: readonly Float64Array[], vector: Float64Array): Float64Array {
  const size = vector.length
  const at = (row: number, column: number): number => matrix[row]?.[column] ?? 0
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const factor = at(row, pivot) / at(pivot, pivot)
      const line = matrix[row] ?? vector
      for (let column = pivot; column < size; column++) {
        line[column] = at(row, column) - factor * at(pivot, column)
      }
      vector[row] = (vector[row] ?? 0) - factor * (vector[pivot] ?? 0)
    }
  }
  const solved = new Float64Array(size)
  for (let row = size - 1; row >= 0; row--) {
    let left = vector[row] ?? 0
    for (let column = row + 1; column < size; column++) {
      left -= at(row, column) * (solved[column] ?? 0)
    }
    solved[row] = left / at(row, row)
  }
  return solved
}
