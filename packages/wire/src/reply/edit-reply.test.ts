import type { ReplyEvent, ToolCallEdit, WireFormat } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { formats } from '../formats.ts'
import { read } from '../testing/read.ts'
import { write } from '../testing/write.ts'

const events: ReplyEvent[] = [
  { type: 'message-start', id: 'id_1', model: 'model-1' },
  { type: 'text-delta', choice: 0, text: 'Let me see.' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'call_a', name: 'add' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"x":' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '1}' },
  { type: 'tool-call-start', choice: 0, index: 1, id: 'call_b', name: 'drop' },
  { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{"y":' },
  { type: 'tool-call-delta', choice: 0, index: 1, arguments: '2}' },
  { type: 'tool-call-start', choice: 0, index: 2, id: 'call_c', name: 'now' },
  { type: 'tool-call-delta', choice: 0, index: 2, arguments: '{}' },
  { type: 'usage', usage: { inputTokens: 12, outputTokens: 8 } },
  { type: 'finish', choice: 0, reason: 'tool-calls', raw: '' },
]
const stays: ToolCallEdit = { choice: 0 }
const refused: ToolCallEdit = { choice: 0, text: ' No.' }
const changed: ToolCallEdit = { choice: 0, arguments: '{"x":7}' }

const edited = formats.filter((format) => 'editToolCalls' in format)

test('the four wires can be edited', () => {
  expect(edited.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini']),
  )
})

describe.for(edited.map((format): [string, WireFormat] => [format.name, format]))(
  '%s',
  ([, format]) => {
    describe.for([true, false])('streaming: %s', (streaming) => {
      const bytes = Buffer.concat(write(format, events, { streaming, model: 'asked' }))
      const edit = (...edits: ToolCallEdit[]) => {
        const after = format.editToolCalls?.(bytes, edits, { streaming })
        const { message, complete } = read(format, after ?? bytes, { streaming })
        expect(complete).toBe(true)
        return message
      }

      test('one of three calls is refused, one is changed, one stays', () => {
        const { text, toolCalls, finishReason, usage } = edit(changed, refused, stays)

        expect(text).toBe('Let me see. No.')
        expect(toolCalls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
          ['add', { x: 7 }],
          ['now', {}],
        ])
        expect(finishReason).toBe('tool-calls')
        expect(usage).toMatchObject({ inputTokens: 12, outputTokens: 8 })
      })

      test('without any call left it is a plain answer', () => {
        const { text, toolCalls, finishReason } = edit(refused, refused, refused)

        expect(text).toBe('Let me see. No. No. No.')
        expect(toolCalls).toEqual([])
        expect(finishReason).toBe('stop')
      })

      test('nothing changes where all stay', () => {
        const after = format.editToolCalls?.(bytes, [stays, stays, stays], { streaming })
        const plain = (given: Uint8Array): unknown => {
          const text = Buffer.from(given).toString()
          return streaming ? text : JSON.parse(text)
        }
        // OpenAI's Responses repeat the whole response at the end, which is written again.
        if (format.name === 'openai-responses')
          expect(read(format, after ?? '', { streaming }).message).toEqual(
            read(format, bytes, { streaming }).message,
          )
        else expect(plain(after ?? bytes)).toEqual(plain(bytes))
      })
    })
  },
)
