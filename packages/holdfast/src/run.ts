import { childRun, enterRun } from '@holdfast/core'
import type { RunOptions } from '@holdfast/core'
import { activeHoldfast } from './instrument.ts'

/**
 * Runs `work` as one run of an agent: every model and tool call made in it, now or later, belongs to it.
 * Returns what `work` returns. Inside another run it is that run's child.
 */
export function run<T>(options: RunOptions, work: () => T): T {
  const holdfast = activeHoldfast()
  return holdfast === undefined ? enterRun(childRun(options), work) : holdfast.run(options, work)
}
