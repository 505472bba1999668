import type { KeyObject } from 'node:crypto'
import { macOf, noHash, readRow } from '../row-line.ts'
import type { ReadRow } from '../row-line.ts'
import { linesOf } from '../segment-files.ts'
import type { SegmentFiles } from '../segment-files.ts'
import type { AuditFinding, AuditFindingKind } from './finding.ts'

/** What somebody else has seen of a segment. */
export interface Sighting {
  readonly rows: number
  readonly hash: string
  /** Who: for people. */
  readonly by: string
}

/** What a walk along one segment has shown. */
export interface SegmentWalk {
  readonly rows: number
  readonly signedRows: number
  readonly isClosed: boolean
  /** Behind the last row stands a piece of one. */
  readonly isTorn: boolean
  /** Rows that are signed, where no key is known. */
  readonly isUnchecked: boolean
  readonly findings: readonly AuditFinding[]
}

/** After so many findings a segment is bad enough. */
const mostFindings = 20

/** Follows a chain from its first row to its last one. */
export function walkSegment(
  { segment, parts }: SegmentFiles,
  keys: readonly KeyObject[],
  sightings: readonly Sighting[],
): SegmentWalk {
  const findings: AuditFinding[] = []
  const seen = new Map<number, Sighting[]>()
  for (const sighting of sightings) {
    seen.set(sighting.rows, [...(seen.get(sighting.rows) ?? []), sighting])
  }
  let rows = 0
  let signedRows = 0
  let isClosed = false
  let isTorn = false
  let isUnchecked = false
  /** Undefined after something that is no row. */
  let previous: string | undefined = noHash
  let key: KeyObject | undefined
  let isForged = false
  let place: { file: string; line: number } = { file: parts[0] ?? segment, line: 1 }

  const found = (what: AuditFindingKind, text: string, at: object = place): void => {
    if (findings.length < mostFindings) findings.push({ what, segment, ...at, text })
  }

  for (const [index, path] of parts.entries()) {
    let line = 0
    for (const { bytes, isWhole } of linesOf(path)) {
      place = { file: path, line: ++line }
      const read = isWhole ? readRow(bytes) : undefined
      if (read === undefined) {
        const isLast = index === parts.length - 1 && !isWhole
        if (isLast && !isClosed && isBeginning(bytes, rows)) isTorn = true
        else found('row-damaged', isWhole ? 'this is no row' : 'something stands behind the end')
        previous = undefined
        if (isWhole) rows++
        continue
      }
      checkRow(read)
    }
  }
  for (const [count, others] of seen) {
    if (count <= rows) continue
    const [first] = others
    found('tail-cut', `${count - rows} rows are missing at the end: ${first?.by} has ${count}`)
  }
  return { rows, signedRows, isClosed, isTorn, isUnchecked, findings }

  function checkRow(read: ReadRow): void {
    const { row, hash, computedHash } = read
    if (isClosed) found('end-passed', 'a row stands behind the end that the process has written')
    if (computedHash !== hash) found('row-changed', `row ${row.seq} was changed`)
    else checkMac(read)
    if (row.seq === 0 && (row.kind !== 'segment-opened' || row.segment !== segment)) {
      found('beginning-missing', `this is not the first row of ${segment}`)
    }
    checkPlace(read)
    for (const sighting of seen.get(row.seq + 1) ?? []) {
      if (sighting.hash === computedHash) continue
      found('row-replaced', `row ${row.seq} is another one than ${sighting.by} has seen`)
    }
    rows = row.seq + 1
    previous = hash
    isClosed = row.kind === 'segment-closed'
  }

  function checkPlace({ row, previous: named }: ReadRow): void {
    if (row.seq > rows) {
      const what = rows === 0 ? 'beginning-missing' : 'rows-missing'
      found(what, `${row.seq - rows} rows are missing before row ${row.seq}`)
    } else if (row.seq < rows) {
      found('row-out-of-place', `row ${row.seq} stands where row ${rows} should`)
    } else if (previous !== undefined && named !== previous) {
      found('row-out-of-place', `row ${row.seq} does not follow the row before it`)
    }
  }

  function checkMac({ mac, signed, row }: ReadRow): void {
    if (keys.length === 0) {
      isUnchecked ||= mac !== undefined
      return
    }
    key ??= keys.find((candidate) => macOf(signed, candidate) === mac)
    if (key !== undefined && macOf(signed, key) === mac) {
      signedRows++
      return
    }
    // Told once: with another key, or with none, it is every row.
    if (!isForged) {
      const text = mac === undefined ? 'is not signed' : 'is not signed with this key'
      found('row-forged', `row ${row.seq} ${text}`)
    }
    isForged = true
  }
}

/** True for the beginning of the row that comes next. */
function isBeginning(bytes: Buffer, seq: number): boolean {
  const head = `{"seq":${seq},"at":"`
  return head.startsWith(bytes.toString('latin1', 0, head.length))
}
