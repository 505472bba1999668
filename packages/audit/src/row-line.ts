import { createHmac, hash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { AuditRow } from './entry.ts'

/** What the first row of a segment names as the hash before it. */
export const noHash: string = '0'.repeat(64)

/** A row as one line, and the hash that the next one names. */
export interface WrittenRow {
  readonly line: string
  readonly hash: string
}

/** What a line of the log says of itself. Whether it is true its hash tells. */
export interface ReadRow {
  readonly row: AuditRow
  readonly previous: string
  readonly hash: string
  /** The hash that its bytes really have. */
  readonly computedHash: string
  readonly mac: string | undefined
  /** What the key signs, as bytes. */
  readonly signed: Uint8Array
}

/**
 * Writes a row: `{…,"previous":"…","mac":"…","hash":"…"}`. The mac is over all before it, with the key; the hash is over
 * all before it. So the bytes as they stand are the canonical form, and whoever has no key cannot write a row anew.
 */
export function writeRow(row: AuditRow, previous: string, key: KeyObject | undefined): WrittenRow {
  let text = `${JSON.stringify(row).slice(0, -1)},"previous":"${previous}"`
  if (key !== undefined) text += `,"mac":"${macOf(text, key)}"`
  const own = hash('sha256', text)
  return { line: `${text},"hash":"${own}"}\n`, hash: own }
}

/** HMAC-SHA256 in hexadecimal. */
export function macOf(content: string | Uint8Array, key: KeyObject): string {
  return createHmac('sha256', key).update(content).digest('hex')
}

/** Reads a line without its line feed; undefined where it is none of the log's. */
export function readRow(line: Buffer): ReadRow | undefined {
  const ending = fieldAt(line, 'hash', line.length - 1)
  if (ending === undefined || line.at(-1) !== closingBrace) return undefined
  const mac = fieldAt(line, 'mac', ending.start)
  const link = fieldAt(line, 'previous', (mac ?? ending).start)
  if (link === undefined) return undefined
  const row = parsedRow(`${line.toString('utf8', 0, link.start)}}`)
  if (row === undefined) return undefined
  return {
    row,
    previous: link.value,
    hash: ending.value,
    computedHash: hash('sha256', line.subarray(0, ending.start)),
    mac: mac?.value,
    signed: line.subarray(0, mac?.start ?? ending.start),
  }
}

const closingBrace = 0x7d

/** The field `,"name":"<64 hexadecimal digits>"` that ends there. */
function fieldAt(
  line: Buffer,
  name: string,
  end: number,
): { readonly start: number; readonly value: string } | undefined {
  const head = `,"${name}":"`
  const start = end - head.length - 65
  if (start < 0 || line.toString('latin1', start, start + head.length) !== head) return undefined
  const value = line.toString('latin1', start + head.length, end - 1)
  return /^[\da-f]{64}$/.test(value) && line[end - 1] === 0x22 ? { start, value } : undefined
}

function parsedRow(text: string): AuditRow | undefined {
  try {
    const row = JSON.parse(text) as AuditRow
    const isRow =
      Number.isSafeInteger(row.seq) && typeof row.at === 'string' && typeof row.kind === 'string'
    return isRow ? row : undefined
  } catch {
    return undefined
  }
}
