import type { AuditLink } from '../entry.ts'
import { readRow } from '../row-line.ts'
import { endsOf, listSegments } from '../segment-files.ts'

/** So many of the newest segments are looked at: each of them names older ones itself. */
const mostSegments = 32

/** The ends of the segments that are there, without those that another one has named as they are now. */
export function openEnds(folder: string): readonly AuditLink[] {
  const ends: AuditLink[] = []
  const named = new Set<string>()
  for (const { segment, parts } of listSegments(folder).slice(-mostSegments)) {
    const [first] = parts
    const last = parts.at(-1)
    if (first === undefined || last === undefined) continue
    const opened = rowOf(endsOf(first).first)?.row
    if (opened?.kind === 'segment-opened') {
      for (const link of opened.links) named.add(nameOf(link))
    }
    // A part that was just begun is empty: its predecessor has the end.
    const end = rowOf(endsOf(last).last) ?? rowOf(endsOf(parts.at(-2) ?? last).last)
    if (end !== undefined) ends.push({ segment, rows: end.row.seq + 1, hash: end.hash })
  }
  return ends.filter((end) => !named.has(nameOf(end)))
}

function nameOf({ segment, rows }: AuditLink): string {
  return `${segment} ${rows}`
}

function rowOf(line: Buffer | undefined): ReturnType<typeof readRow> {
  return line === undefined ? undefined : readRow(line)
}
