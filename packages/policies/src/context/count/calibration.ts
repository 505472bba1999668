import type { Features } from './prefix-counts.ts'

/** How many tokens one of each feature makes: a token of text, a message, a token of the tools, having tools, a request. */
export type Weights = readonly [
  text: number,
  message: number,
  tools: number,
  hasTools: number,
  request: number,
]

interface Sample {
  readonly x: Weights
  readonly tokens: number
}

const mostSamples = 32
const mostModels = 256

/** What providers make of what is counted here, in the mean of their models, and how far a model may be from that. */
interface Prior {
  readonly weights: Weights
  readonly spread: Weights
}

const usual: Prior = { weights: [1.05, 4, 1, 40, 3], spread: [0.15, 3, 0.4, 80, 200] }
const priors: Readonly<Record<string, Prior>> = {
  // Anthropic tells its models about tools in some hundred tokens. https://platform.claude.com/docs/en/agents-and-tools/tool-use (2026-11-21)
  'anthropic-messages': { weights: [1.1, 3, 1.2, 500, 3], spread: [0.15, 2, 0.3, 150, 3] },
  gemini: { weights: [1, 0.2, 0.9, 0, 0], spread: [0.15, 1, 0.3, 20, 2] },
}

/** How much of what a provider reports is chance: 3 % of it, squared. */
const noise = 0.001

/**
 * Learns how a model's provider counts from the usage that it reports: a regression over the last calls that begins with
 * what is usual for its wire, and takes a report that is far off for less than one that is not.
 */
export class Calibration {
  readonly #models = new Map<string, { samples: Sample[]; weights: Weights }>()

  weights(format: string, model: string): Weights {
    return this.#models.get(`${format} ${model}`)?.weights ?? priorOf(format).weights
  }

  /** True once enough was learnt to rely on. */
  isSure(format: string, model: string): boolean {
    return (this.#models.get(`${format} ${model}`)?.samples.length ?? 0) >= 5
  }

  learn(format: string, model: string, features: Features, tokens: number): void {
    const x = vectorOf(features)
    const prior = priorOf(format)
    const key = `${format} ${model}`
    const samples = [...(this.#models.get(key)?.samples ?? []), { x, tokens }].slice(-mostSamples)
    this.#models.delete(key)
    this.#models.set(key, { samples, weights: fit(samples, prior) })
    if (this.#models.size <= mostModels) return
    const [oldest] = this.#models.keys()
    if (oldest !== undefined) this.#models.delete(oldest)
  }
}

/** What the features come to. */
export function tokensOf(features: Features, weights: Weights): number {
  return dot(weights, vectorOf(features))
}

function vectorOf({ text, messages, tools }: Features): Weights {
  return [text, messages, tools, tools > 0 ? 1 : 0, 1]
}

function priorOf(format: string): Prior {
  return priors[format] ?? usual
}

function dot(one: Weights, other: Weights): number {
  return one.reduce((sum, weight, at) => sum + weight * (other[at] ?? 0), 0)
}

/** Least squares of the relative error, held by the prior; what is more than 5 % off counts for less. */
function fit(samples: readonly Sample[], { weights: prior, spread }: Prior): Weights {
  let weights = prior
  for (let round = 0; round < 3; round++) {
    const matrix = spread.map((one, row) =>
      spread.map((_, column) => (row === column ? noise / one ** 2 : 0)),
    )
    const vector = prior.map((one, row) => (noise * one) / (spread[row] ?? 1) ** 2)
    for (const { x, tokens } of samples) {
      const error = Math.abs(dot(weights, x) / tokens - 1)
      const trust = (round === 0 || error < 0.05 ? 1 : 0.05 / error) / tokens
      for (const [row, one] of x.entries()) {
        vector[row] = (vector[row] ?? 0) + trust * one
        const line = matrix[row] ?? []
        for (const [column, other] of x.entries()) {
          line[column] = (line[column] ?? 0) + (trust * one * other) / tokens
        }
      }
    }
    weights = solve(matrix, vector)
  }
  return weights
}

/** Gauss: the matrix is positive, the prior sees to that. */
function solve(matrix: number[][], vector: number[]): Weights {
  const size = vector.length
  const at = (row: number, column: number): number => matrix[row]?.[column] ?? 0
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const factor = at(row, pivot) / at(pivot, pivot)
      const line = matrix[row] ?? []
      for (let column = pivot; column < size; column++) {
        line[column] = at(row, column) - factor * at(pivot, column)
      }
      vector[row] = (vector[row] ?? 0) - factor * (vector[pivot] ?? 0)
    }
  }
  const solved = vector.map(() => 0)
  for (let row = size - 1; row >= 0; row--) {
    let left = vector[row] ?? 0
    for (let column = row + 1; column < size; column++)
      left -= at(row, column) * (solved[column] ?? 0)
    solved[row] = left / at(row, row)
  }
  return solved as unknown as Weights
}
