import { atExit } from '@holdfast/core'
import type { Report } from '../report.ts'
import { reportRows, rowLines } from './report-rows.ts'

/** By then most applications have loaded what they need. */
const tellAfterMs = 3_000

/** Prints what this process covers to stderr, soon after its start and at its end. Returns what ends that. */
export function debugReport(report: () => Report): () => void {
  const tell = (): void => {
    const before = `holdfast ${process.pid}: `
    const seen = report()
    const mistakes = seen.bugs.map(
      ({ where, message }) => ['mistake', `${where}: ${message}`] as const,
    )
    const rows = [...reportRows([seen]), ...mistakes]
    const lines = rows.length === 0 ? `${before}nothing is seen yet\n` : rowLines(rows, before)
    process.stderr.write(lines)
  }
  const timer = setTimeout(tell, tellAfterMs).unref()
  const forgetExit = atExit(tell)
  return () => {
    clearTimeout(timer)
    forgetExit()
    tell()
  }
}
