import { HoldfastError } from '@holdfast/core'
import type { PartialRun } from '../caps/cap-reached-error.ts'
import type { LoopFinding, LoopPattern } from './options.ts'

/** An agent goes in circles and did not stop when it was told. */
export class LoopDetectedError extends HoldfastError {
  readonly pattern: LoopPattern
  readonly tools: readonly string[]
  readonly times: number
  readonly runId: string | undefined
  readonly #partial: PartialRun

  constructor(finding: LoopFinding, runId: string | undefined, partial: PartialRun) {
    super('LOOP_DETECTED', `governance.loops: ${describe(finding)}; the run is ended`)
    this.pattern = finding.pattern
    this.tools = finding.tools
    this.times = finding.times
    this.runId = runId
    this.#partial = partial
  }

  /** What there is so far. No property of its own, so that logging the error does not log the answer. */
  get partial(): PartialRun {
    return this.#partial
  }
}

/** What repeats, in a few words. */
export function describe({ pattern, tools, times }: LoopFinding): string {
  const named = tools.length === 0 ? 'the same text' : tools.join(' and ')
  switch (pattern) {
    case 'repeat':
      return tools.length === 0
        ? `the same text came ${times} times`
        : `${named} was called ${times} times with the same arguments and the same result`
    case 'ping-pong':
      return `${named} were called in turn ${times} times with the same results`
    default:
      return `the last ${times} steps (${named}) told nothing new`
  }
}
