import type { KeyObject } from 'node:crypto'
import { macOf } from '../row-line.ts'
import type { SegmentEnd } from '../log/segment.ts'

/** How far a segment had come at a time: kept where the log's own writer cannot change it, it shows a tail that was cut. */
export interface AuditHead {
  readonly segment: string
  readonly rows: number
  /** Hash of the last of these rows. */
  readonly hash: string
  readonly at: string
  /** HMAC-SHA256 with the log's key; undefined where there is none. */
  readonly mac?: string
}

/** Signs the end of a segment. */
export function signHead(end: SegmentEnd, at: string, key: KeyObject | undefined): AuditHead {
  const head = { ...end, at }
  return key === undefined ? head : { ...head, mac: macOf(textOf(head), key) }
}

/** True where the head was signed with this key. */
export function isSigned(head: AuditHead, key: KeyObject): boolean {
  return head.mac === macOf(textOf(head), key)
}

/** One head for each line that is one; how many are none, and how many are the beginning of one. */
export function readHeads(text: string): { heads: AuditHead[]; unreadable: number; torn: number } {
  const heads: AuditHead[] = []
  let [unreadable, torn] = [0, 0]
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const head = parsed(line)
    if (head !== undefined) heads.push(head)
    else if (line.startsWith('{"segment":') && !line.endsWith('}')) torn++
    else unreadable++
  }
  return { heads, unreadable, torn }
}

function textOf({ segment, rows, hash, at }: AuditHead): string {
  return `holdfast audit head\n${segment}\n${rows}\n${hash}\n${at}`
}

function parsed(line: string): AuditHead | undefined {
  try {
    const head = JSON.parse(line) as AuditHead
    const isHead =
      typeof head.segment === 'string' &&
      Number.isSafeInteger(head.rows) &&
      typeof head.hash === 'string' &&
      typeof head.at === 'string'
    return isHead ? head : undefined
  } catch {
    return undefined
  }
}
