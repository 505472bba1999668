import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { checksum } from './checksum.ts'
import { entryOf, framesOf, FrameWriter } from './frames.ts'

const entry = { seq: 3, kind: 'llm', atMs: 5, data: 'said “ü”', payload: Uint8Array.of(1, 2, 3) }

function written(): Buffer {
  const writer = new FrameWriter()
  writer.begin()
  writer.entry(1, entry)
  return Buffer.from(writer.buffer.subarray(0, writer.length))
}

// What other implementations say: https://github.com/Cyan4973/xxHash (2026-11-22)
test.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('the checksum of %j is that of XXH32, wherever it stands', (text, expected) => {
  const bytes = Buffer.from(`123${text}456`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  expect(checksum(view, 3, bytes.length - 3)).toBe(expected)
})

test('a frame of which any bit is another one was never written', () => {
  const bytes = written()
  expect(framesOf(bytes).map(entryOf)).toMatchObject([{ ...entry, payload: Buffer.of(1, 2, 3) }])
  for (let bit = 32; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(framesOf(changed)).toEqual([])
  }
})

test('a frame with a CRC-32, as an earlier version wrote it, is read', () => {
  const bytes = written()
  bytes[12] = (bytes[12] ?? 0) & ~8
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4)
  expect(framesOf(bytes).map(entryOf)).toMatchObject([{ seq: 3, data: 'said “ü”' }])
})
