import type { KeyObject } from 'node:crypto'
import { isSigned, readHeads } from '../anchor/head.ts'
import type { AuditHead } from '../anchor/head.ts'
import { readKey } from '../key.ts'
import type { AuditKey } from '../key.ts'
import { readRow } from '../row-line.ts'
import { endsOf, listSegments } from '../segment-files.ts'
import type { SegmentFiles } from '../segment-files.ts'
import type { AuditFinding, AuditReport } from './finding.ts'
import { walkSegment } from './walk-segment.ts'
import type { Sighting } from './walk-segment.ts'

export interface VerifyOptions {
  /** The folders that together hold the log: where it is written, and where old files were moved to. */
  readonly folders: readonly string[]
  /** The keys that rows may be signed with. @default none: signatures are not checked */
  readonly keys?: readonly AuditKey[]
  /** Heads that were taken away, one line of JSON each. @default none: a tail that was cut is not found */
  readonly anchors?: readonly { readonly name: string; readonly text: string }[]
}

/** Goes through a whole log and says what was changed in it since it was written. */
export function verifyLog({ folders, keys: given = [], anchors = [] }: VerifyOptions): AuditReport {
  const keys = given.map(readKey)
  const findings: AuditFinding[] = []
  const notes: string[] = []
  // The heads were read before the log: what is written meanwhile is more than they say, never less.
  const heads = anchors.flatMap(({ name, text }) => checkedHeads(name, text))
  const segments = folders.flatMap(listSegments)
  const sightings = sightingsOf(segments, heads)

  const known = new Set(segments.map(({ segment }) => segment))
  for (const [segment, [first]] of sightings) {
    if (known.has(segment)) continue
    findings.push({
      what: 'segment-missing',
      segment,
      text: `${segment} is gone: ${first?.by} has ${first?.rows} rows of it`,
    })
  }
  let [rows, signedRows, openSegments, unchecked] = [0, 0, 0, 0]
  for (const files of segments) {
    const walk = walkSegment(files, keys, sightings.get(files.segment) ?? [])
    rows += walk.rows
    signedRows += walk.signedRows
    if (walk.isUnchecked) unchecked++
    if (!walk.isClosed) openSegments++
    if (walk.isTorn) notes.push(`${files.segment}: its process was killed while it wrote a row`)
    findings.push(...walk.findings)
  }
  if (unchecked > 0) notes.push('rows are signed, but there is no key to check them with')
  if (unchecked === 0 && keys.length === 0 && rows > 0) {
    notes.push('rows are not signed: whoever can write the files can write them anew')
  }
  if (anchors.length === 0) notes.push('there is no anchor: a tail that was cut is not found')
  return {
    segments: segments.length,
    rows,
    openSegments,
    signedRows,
    heads: heads.length,
    findings,
    notes,
  }

  function checkedHeads(name: string, text: string): readonly { head: AuditHead; by: string }[] {
    const read = readHeads(text)
    if (read.torn > 0) notes.push(`${name}: a process was killed while it wrote a head`)
    if (read.unreadable > 0) {
      findings.push({ what: 'head-forged', segment: '', file: name, text: 'a line is no head' })
    }
    return read.heads.flatMap((head) => {
      if (keys.length === 0 || keys.some((key: KeyObject) => isSigned(head, key))) {
        return [{ head, by: `the anchor ${name} of ${head.at}` }]
      }
      findings.push({
        what: 'head-forged',
        segment: head.segment,
        file: name,
        text: `the head of ${head.at} is not signed with this key`,
      })
      return []
    })
  }
}

/** What was seen of each segment: by heads, and by the segments that were begun later. */
function sightingsOf(
  segments: readonly SegmentFiles[],
  heads: readonly { readonly head: AuditHead; readonly by: string }[],
): ReadonlyMap<string, readonly Sighting[]> {
  const sightings = new Map<string, Sighting[]>()
  const add = (segment: string, sighting: Sighting): void => {
    const others = sightings.get(segment)
    if (others === undefined) sightings.set(segment, [sighting])
    else others.push(sighting)
  }
  for (const { head, by } of heads) add(head.segment, { rows: head.rows, hash: head.hash, by })
  for (const { segment, parts } of segments) {
    const line = parts[0] === undefined ? undefined : endsOf(parts[0]).first
    const row = line === undefined ? undefined : readRow(line)?.row
    if (row?.kind !== 'segment-opened' || !Array.isArray(row.links)) continue
    for (const link of row.links) {
      add(link.segment, { rows: link.rows, hash: link.hash, by: `segment ${segment}` })
    }
  }
  return sightings
}
