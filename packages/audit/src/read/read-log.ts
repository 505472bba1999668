import type { AuditRow } from '../entry.ts'
import { readRow } from '../row-line.ts'
import { linesOf, listSegments } from '../segment-files.ts'

/** A row, and whose. */
export type LoggedRow = AuditRow & { readonly segment: string }

/** All rows of a log, one segment after the other. What is no row is left out: `verifyLog` says what is wrong. */
export function* readLog(folders: readonly string[]): Generator<LoggedRow> {
  for (const { segment, parts } of folders.flatMap(listSegments)) {
    for (const path of parts) {
      for (const { bytes, isWhole } of linesOf(path)) {
        const row = isWhole ? readRow(bytes)?.row : undefined
        if (row !== undefined) yield { ...row, segment }
      }
    }
  }
}
