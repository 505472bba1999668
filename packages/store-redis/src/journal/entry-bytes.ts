import type { JournalEntry } from '@holdfast/core'

interface Head {
  readonly kind: string
  readonly atMs: number
  /** The data is text. */
  readonly text: boolean
  readonly dataBytes: number
  readonly payload: boolean
}

/** An entry as one value: a line of JSON that says what follows, the data, the payload. */
export function entryBytes({ kind, atMs, data, payload }: JournalEntry): Buffer {
  const content = typeof data === 'string' ? Buffer.from(data) : data
  const head: Head = {
    kind,
    atMs,
    text: typeof data === 'string',
    dataBytes: content.byteLength,
    payload: payload !== undefined,
  }
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    content,
    ...(payload === undefined ? [] : [payload]),
  ])
}

export function entryOf(seq: number, bytes: Buffer): JournalEntry {
  const end = bytes.indexOf(10)
  const { kind, atMs, text, dataBytes, payload } = JSON.parse(
    bytes.toString('utf8', 0, end),
  ) as Head
  const data = bytes.subarray(end + 1, end + 1 + dataBytes)
  return {
    seq,
    kind,
    atMs,
    data: text ? data.toString() : data,
    ...(payload ? { payload: bytes.subarray(end + 1 + dataBytes) } : {}),
  }
}

/** A blob as one value: its first byte tells text from bytes. */
export function blobBytes(content: string | Uint8Array): Buffer {
  return typeof content === 'string'
    ? Buffer.from(`t${content}`)
    : Buffer.concat([Buffer.from('b'), content])
}

export function blobOf(bytes: Buffer): string | Uint8Array {
  const content = bytes.subarray(1)
  return bytes[0] === 116 ? content.toString() : content
}
