import type { Problem } from './judge.ts'
import { bareLimitMs } from './policies.ts'
import type { JudgedCell } from './print.ts'
import type { HalfResults } from './run-half.ts'

type HalfName = 'bare' | 'with'

/** The figure of `pnpm faults`. */
export function lastLine(judged: readonly JudgedCell[]): string {
  const has = (half: HalfName): boolean => judged.some((each) => each[half] !== undefined)
  const parts = (has('with') ? (['with', 'bare'] as const) : (['bare'] as const)).filter(has)
  const told = parts.map((half) =>
    half === 'bare' && parts.length === 2
      ? `(bare clients: ${figures(judged, half)})`
      : figures(judged, half),
  )
  return `faults: ${told.join(' ')}`
}

/** True where every cell with Holdfast is as the table says, and nothing else went wrong beside them. */
export function holds(
  judged: readonly JudgedCell[],
  withHoldfast: HalfResults | undefined,
): boolean {
  if (withHoldfast === undefined) return true
  return (
    judged.every((each) => each.with?.length === 0) &&
    withHoldfast.strayRejections.size === 0 &&
    withHoldfast.bugs.length === 0
  )
}

function figures(judged: readonly JudgedCell[], half: HalfName): string {
  const good = judged.filter((each) => each[half]?.length === 0).length
  const count = (...problems: readonly Problem[]): string =>
    number(
      judged.filter((each) => each[half]?.some(({ problem }) => problems.includes(problem))).length,
    )
  return [
    `${number(good)} of ${number(judged.length)} cells as the table says; ${count('silent')} silent truncations`,
    half === 'with'
      ? `${count('hang', 'endless', 'late')} hangs`
      : `${count('hang')} hangs, ${count('endless')} still retrying after ${bareLimitMs / 1000} s`,
    `${count('over-limit')} over the request limit`,
    `${count('too-early')} before Retry-After`,
    ...(half === 'with' ? [`${count('error-class', 'abort')} error classes lost`] : []),
  ].join(', ')
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
