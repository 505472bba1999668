import type { ReplyEvent, WireFormat } from '@holdfast/core'
import { array, assert as check, nat, property, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formats } from '../formats.ts'
import { read } from '../testing/read.ts'
import { write } from '../testing/write.ts'

const events: ReplyEvent[] = [
  { type: 'message-start', id: 'id_1', model: 'model-1' },
  { type: 'text-delta', choice: 0, text: 'Grüße 🎈' },
  { type: 'text-delta', choice: 0, text: ' — und mehr' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'call_a', name: 'add' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"x":1}' },
  { type: 'usage', usage: { inputTokens: 12, outputTokens: 8 } },
  { type: 'finish', choice: 0, reason: 'tool-calls', raw: '' },
]

const written = formats.filter((format) => 'replyWriter' in format)
describe.for(written.map((format): [string, WireFormat] => [format.name, format]))(
  '%s',
  ([, format]) => {
    const stream = Buffer.concat(write(format, events, { streaming: true, model: 'asked' }))

    test('a stream gives the same answer wherever it is cut', () => {
      const whole = read(format, stream)
      check(
        property(array(nat(30), { maxLength: 80 }), (sizes) => {
          expect(read(format, stream, { sizes }).events).toEqual(whole.events)
        }),
      )
    })

    test('a stream that breaks off is never complete before the reason for its end is in', () => {
      for (let length = 0; length < stream.length; length++) {
        const { complete, events: seen } = read(format, stream.subarray(0, length))
        expect(complete).toBe(seen.some(({ type }) => type === 'finish'))
      }
    })

    test('bytes that are anything else never throw', () => {
      check(
        property(
          uint8Array({ maxLength: 200 }),
          array(nat(20)),
          nat(stream.length),
          (noise, sizes, at) => {
            for (const streaming of [true, false]) {
              read(format, noise, { streaming, sizes })
              const broken = Buffer.concat([stream.subarray(0, at), noise, stream.subarray(at)])
              read(format, broken, { streaming, sizes })
            }
          },
        ),
      )
    })
  },
)
