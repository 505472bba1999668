import { relative } from 'node:path'
import type { AuditReport } from '@holdfast/audit'
import { visibleText } from '@holdfast/policies/approvals'
import { columns } from '../journal/columns.ts'

/** What a look at the log has shown, for people. */
export function verifyText(report: AuditReport, folders: readonly string[]): string {
  const { segments, rows, signedRows, heads, openSegments, findings, notes } = report
  const facts = [
    counted(segments, 'process', 'processes'),
    counted(rows, 'row', 'rows'),
    `${signedRows} signed`,
    counted(heads, 'head', 'heads'),
  ]
  let text = `${folders.map(visibleText).join(', ')}: ${facts.join(', ')}\n`
  if (findings.length === 0) text += 'nothing was changed\n'
  else {
    text += `\n${columns([
      ['what', 'where', ''],
      ...findings.map(({ what, file, line, segment, text: said }) =>
        [what, file === undefined ? segment : placeOf(file, line, folders), said].map(visibleText),
      ),
    ])}\n${counted(findings.length, 'thing is', 'things are')} not as it was written\n`
  }
  if (openSegments > 0) {
    text += `note: ${counted(openSegments, 'process has', 'processes have')} not ended the log: killed, or still at work\n`
  }
  for (const note of notes) text += `note: ${visibleText(note)}\n`
  return text
}

/** Within the folder, where there is one only. */
function placeOf(file: string, line: number | undefined, folders: readonly string[]): string {
  const [folder = ''] = folders
  const shown = folders.length === 1 ? relative(folder, file) : file
  return line === undefined ? shown : `${shown}:${line}`
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
