import type { PolicyVerdict } from '@holdfast/core'
import type { ToolClass } from '../classify/tool-class.ts'

/** What the gate has decided about a tool, and how often. */
export interface GateRow {
  readonly tool: string
  readonly toolClass: ToolClass
  readonly verdict: PolicyVerdict
  readonly rule: string
  /** False where it would have been so. */
  readonly enforced: boolean
  readonly times: number
}

const mostRows = 500

/** Decisions, counted. */
export class GateReport {
  readonly #rows = new Map<string, Omit<GateRow, 'times'> & { times: number }>()

  count(row: Omit<GateRow, 'times'>): void {
    const key = JSON.stringify([row.tool, row.verdict, row.rule, row.enforced])
    const before = this.#rows.get(key)
    if (before !== undefined) before.times++
    else if (this.#rows.size < mostRows) this.#rows.set(key, { ...row, times: 1 })
  }

  rows(): readonly GateRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }))
  }
}
