import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** What one process has written: one chain, in one file or in several parts. */
export interface SegmentFiles {
  readonly segment: string
  /** The parts there are, in order. */
  readonly parts: readonly string[]
}

/** One file of a segment is called `<segment>.<part>.jsonl`. */
export function partName(segment: string, part: number): string {
  return `${segment}.${String(part).padStart(4, '0')}.jsonl`
}

/** A name for a new segment; the names of one machine sort by time. */
export function segmentName(now: number, pid: number, random: string): string {
  return `${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}_${pid}_${random}`
}

/** The segments in a folder, the oldest first. */
export function listSegments(folder: string): SegmentFiles[] {
  const lastParts = new Map<string, number>()
  for (const name of readdirSync(folder).toSorted()) {
    const [, segment, part] = /^([\w-]+)\.(\d{4,6})\.jsonl$/.exec(name) ?? []
    if (segment === undefined) continue
    lastParts.set(segment, Math.max(lastParts.get(segment) ?? 0, Number(part)))
  }
  return [...lastParts].map(([segment, last]) => ({
    segment,
    parts: partPaths(folder, segment, last),
  }))
}

/** Asked for one by one: while files are made, a folder's list may leave out some that were there before. */
function partPaths(folder: string, segment: string, last: number): string[] {
  return Array.from({ length: last }, (_, index) =>
    join(folder, partName(segment, index + 1)),
  ).filter((path) => existsSync(path))
}

/** One line of a file, or what stands behind its last line feed. */
export interface FileLine {
  readonly bytes: Buffer
  /** False where no line feed follows: it was cut off while it was written. */
  readonly isWhole: boolean
}

/** The lines of a file, a piece of it in memory at a time. */
export function* linesOf(path: string, pieceBytes: number = 1 << 20): Generator<FileLine> {
  const file = openSync(path, 'r')
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes)
      const read = readSync(file, piece, 0, pieceBytes, null)
      if (read === 0) break
      const bytes = Buffer.concat([rest, piece.subarray(0, read)])
      let start = 0
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        yield { bytes: bytes.subarray(start, end), isWhole: true }
        start = end + 1
      }
      rest = bytes.subarray(start)
    }
    if (rest.length > 0) yield { bytes: rest, isWhole: false }
  } finally {
    closeSync(file)
  }
}

/** The first line of a file, and its last whole one. */
export function endsOf(path: string): { first: Buffer | undefined; last: Buffer | undefined } {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.allocUnsafe(edgeBytes)
    const start = head.subarray(0, readSync(file, head, 0, edgeBytes, 0))
    const { size } = fstatSync(file)
    const tail = Buffer.allocUnsafe(edgeBytes)
    const end = tail.subarray(0, readSync(file, tail, 0, edgeBytes, Math.max(0, size - edgeBytes)))
    const firstEnd = start.indexOf(10)
    const lastEnd = end.lastIndexOf(10)
    const lastStart = lastEnd <= 0 ? -1 : end.lastIndexOf(10, lastEnd - 1)
    return {
      first: firstEnd < 0 ? undefined : start.subarray(0, firstEnd),
      last: lastEnd < 0 ? undefined : end.subarray(lastStart + 1, lastEnd),
    }
  } finally {
    closeSync(file)
  }
}

/** No row is longer. */
const edgeBytes = 1 << 16
