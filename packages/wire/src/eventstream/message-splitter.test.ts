import { EventStreamCodec } from '@smithy/eventstream-codec'
import {
  array,
  assert as check,
  dictionary,
  nat,
  property,
  record,
  string,
  uint8Array,
} from 'fast-check'
import { expect, test } from 'vitest'
import { type EventMessage, MessageSplitter } from './message-splitter.ts'
import { writeEvent, writeMessage } from './write-message.ts'

const codec = new EventStreamCodec(
  (bytes) => new TextDecoder().decode(bytes),
  (text) => new TextEncoder().encode(text),
)

const message = record({
  headers: dictionary(
    string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__'),
    string({ maxLength: 40 }),
    { maxKeys: 4, noNullPrototype: true },
  ),
  payload: string({ maxLength: 300, unit: 'binary' }),
})

function read(pieces: readonly Uint8Array[]) {
  const seen: { headers: Record<string, string>; payload: string }[] = []
  const splitter = new MessageSplitter(({ headers, payload }: EventMessage) => {
    seen.push({ headers: Object.fromEntries(headers), payload: new TextDecoder().decode(payload) })
  })
  for (const piece of pieces) splitter.push(piece)
  return { seen, splitter }
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = 0
  for (const size of sizes) {
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return [...pieces, bytes.subarray(at)]
}

const encoded = ({ headers, payload }: { headers: Record<string, string>; payload: string }) =>
  codec.encode({
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }]),
    ),
    body: new TextEncoder().encode(payload),
  })

test("the SDK's messages come out whole, wherever they are cut", () => {
  check(
    property(
      array(message, { maxLength: 5 }),
      array(nat(40), { maxLength: 60 }),
      (messages, sizes) => {
        const bytes = Buffer.concat(messages.map(encoded))
        const { seen, splitter } = read(cut(bytes, sizes))
        expect(seen).toEqual(
          messages.map(({ headers, payload }) => ({
            headers: { ...headers },
            payload: new TextDecoder().decode(new TextEncoder().encode(payload)),
          })),
        )
        expect({ open: splitter.open, damaged: splitter.damaged }).toEqual({
          open: false,
          damaged: false,
        })
      },
    ),
  )
})

test('what is written is byte for byte what the SDK writes', () => {
  check(
    property(message, (one) => {
      expect(Buffer.from(writeMessage(one.headers, one.payload))).toEqual(Buffer.from(encoded(one)))
    }),
  )
})

test('headers of other types are passed over', () => {
  const bytes = codec.encode({
    headers: {
      on: { type: 'boolean', value: true },
      byte: { type: 'byte', value: 1 },
      short: { type: 'short', value: 2 },
      int: { type: 'integer', value: 3 },
      bytes: { type: 'binary', value: new Uint8Array([1, 2, 3]) },
      at: { type: 'timestamp', value: new Date(0) },
      id: { type: 'uuid', value: '01234567-89ab-cdef-0123-456789abcdef' },
      ':event-type': { type: 'string', value: 'chunk' },
    },
    body: new Uint8Array(0),
  })
  expect(read([bytes]).seen).toEqual([{ headers: { ':event-type': 'chunk' }, payload: '' }])
})

test('one wrong bit is noticed, wherever it is', () => {
  const bytes = writeEvent('messageStart', { role: 'assistant' })
  const good = writeEvent('messageStop', { stopReason: 'end_turn' })
  for (let at = 0; at < bytes.length; at++) {
    const wrong = Uint8Array.from(bytes)
    wrong[at] = (wrong[at] ?? 0) ^ 4
    const { seen, splitter } = read([wrong, good])
    expect(seen).toEqual([])
    expect(splitter.damaged || splitter.open).toBe(true)
  }
})

test('a stream that ends inside of a message is open', () => {
  const bytes = writeEvent('messageStop', { stopReason: 'end_turn' })
  for (let length = 1; length < bytes.length; length++) {
    const { seen, splitter } = read([bytes.subarray(0, length)])
    expect(seen).toEqual([])
    expect(splitter.open).toBe(true)
  }
})

test('bytes that are anything else never throw', () => {
  check(
    property(array(uint8Array({ maxLength: 60 }), { maxLength: 6 }), (pieces) => {
      read(pieces)
    }),
  )
})
