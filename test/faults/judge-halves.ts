import type { Cell } from './cell.ts'
import { judge } from './judge.ts'
import type { JudgedCell } from './print.ts'
import { answerText } from './cell-lab.ts'
import { limits } from './policies.ts'
import type { HalfResults } from './run-half.ts'

/** Compares every cell of both halves with the table. */
export function judgeHalves(
  cells: readonly Cell[],
  bare: HalfResults | undefined,
  withHoldfast: HalfResults | undefined,
): JudgedCell[] {
  return cells.map((cell) => {
    const bareResult = bare?.byId.get(cell.id)
    const withResult = withHoldfast?.byId.get(cell.id)
    return {
      cell,
      bare: bareResult && judge(cell, bareResult, answerText, limits),
      with: withResult && judge(cell, withResult, answerText, limits, bareResult),
    }
  })
}
