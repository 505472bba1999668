import { assemble } from '@holdfast/core'
import type { ReplyEvent, WireFormat } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { formats } from '../formats.ts'
import { read } from '../testing/read.ts'
import { write as writeWith } from '../testing/write.ts'

const events: ReplyEvent[] = [
  { type: 'message-start', id: 'id_1', model: 'model-1' },
  { type: 'reasoning-delta', choice: 0, text: 'hm…' },
  { type: 'keep-alive' },
  { type: 'text-delta', choice: 0, text: 'Grü' },
  { type: 'text-delta', choice: 0, text: 'ße' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'call_a', name: 'add' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"x":' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '1}' },
  { type: 'tool-call-start', choice: 0, index: 1, id: 'call_b', name: 'now' },
  { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{}' },
  {
    type: 'usage',
    usage: { inputTokens: 12, outputTokens: 8, cachedInputTokens: 4, reasoningTokens: 3 },
  },
  { type: 'finish', choice: 0, reason: 'tool-calls', raw: '' },
]
const expected = assemble(events)
const noBytes = new Uint8Array(0)

/** What a format has no word for, and so does not read back. */
const unsaid: Readonly<Record<string, readonly string[]>> = {
  'bedrock-converse': ['id', 'model', 'reasoningTokens', 'code'],
  'bedrock-anthropic': ['code'],
  'cohere-chat': ['model', 'reasoningTokens', 'status', 'code', 'signature'],
  'ollama-chat': ['id', 'cachedInputTokens', 'reasoningTokens', 'status', 'code', 'signature'],
}

/** The value without what the format has no word for; tool calls keep their ids. */
function said(format: WireFormat, value: object): object {
  const names = unsaid[format.name] ?? []
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !names.includes(name))
      .map(([name, member]) => [name, name === 'usage' ? said(format, member as object) : member]),
  )
}

// The providers' own SDKs read what is written here in `pnpm recordings`, for every recorded answer.
const written = formats.filter((format) => 'replyWriter' in format)
describe.for(written.map((format): [string, WireFormat] => [format.name, format]))(
  '%s',
  ([, format]) => {
    const write = (list: readonly ReplyEvent[], streaming: boolean): Uint8Array[] =>
      writeWith(format, list, { streaming, model: 'asked' })

    test('what is written reads the same, streamed and whole', () => {
      for (const streaming of [true, false]) {
        const { message, complete, problem } = read(
          format,
          Buffer.concat(write(events, streaming)),
          {
            streaming,
          },
        )
        expect(said(format, { ...message, rawFinishReason: '' })).toEqual(said(format, expected))
        expect({ complete, problem }).toEqual({ complete: true, problem: undefined })
      }
    })

    test('a stream has one piece per event', () => {
      expect(write(events, true)).toHaveLength(events.length)
      expect(write(events, false)).toHaveLength(1)
    })

    test('a stream without its end is written without one', () => {
      const cut = Buffer.concat(write(events.slice(0, 5), true))
      expect(read(format, cut)).toMatchObject({ complete: false, problem: undefined })
    })

    test('a few words are an answer, of the model that was asked', () => {
      const words: ReplyEvent[] = [
        { type: 'text-delta', choice: 0, text: 'No.' },
        { type: 'finish', choice: 0, reason: 'stop', raw: 'stop' },
      ]
      for (const streaming of [true, false]) {
        const { message, complete } = read(format, Buffer.concat(write(words, streaming)), {
          streaming,
        })
        const meant = said(format, { text: 'No.', model: 'asked', finishReason: 'stop' })
        expect(message).toMatchObject(meant)
        expect(complete).toBe(true)
      }
    })

    test('a writer that was told the beginning goes on in the same message', () => {
      const writer = format.replyWriter?.({ streaming: true, model: 'asked' })
      const begun = events.slice(0, 4).map((event) => writer?.write(event) ?? noBytes)
      const rest: ReplyEvent[] = [
        { type: 'message-start', id: 'id_2', model: 'model-2' },
        { type: 'text-delta', choice: 0, text: 'ße' },
        { type: 'finish', choice: 0, reason: 'stop', raw: '' },
      ]
      const again = format.replyWriter?.({ streaming: true, model: 'asked' })
      // What was handed up before is told to another writer, and its bytes are thrown away.
      for (const event of events.slice(0, 4)) again?.write(event)
      const gone = [...rest.map((event) => again?.write(event) ?? noBytes), again?.end() ?? noBytes]

      const { message, complete } = read(format, Buffer.concat([...begun, ...gone]))

      expect(message).toMatchObject({ text: 'Grüße', finishReason: 'stop' })
      expect(message.id ?? 'id_1').toBe('id_1')
      expect(complete).toBe(true)
    })

    test("another provider's reply comes in words of this format's own", () => {
      const foreign: ReplyEvent[] = [
        { type: 'message-start', id: 'theirs', model: 'model-1' },
        { type: 'reasoning-delta', choice: 0, text: '', signature: 'their-signature' },
        { type: 'other-content', name: 'web_search_call', value: { theirs: true } },
        { type: 'text-delta', choice: 0, text: 'Well.' },
        { type: 'tool-call-start', choice: 0, index: 0, id: '', name: 'now' },
        { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{}' },
        { type: 'finish', choice: 0, reason: 'tool-calls', raw: 'THEIR_REASON' },
      ]
      for (const streaming of [true, false]) {
        const facts = { streaming, model: 'gemini-2.5-pro', foreign: true }
        const body = Buffer.concat(writeWith(format, foreign, facts))
        const { message } = read(format, body, { streaming })

        expect(body.toString()).not.toMatch(/their-signature|web_search_call|THEIR_REASON/)
        expect(message).toMatchObject({ text: 'Well.', finishReason: 'tool-calls' })
        expect(message.toolCalls[0]?.id).toMatch(/^call_[0-9a-f]{24}$/)
      }
    })

    test('a failure is written as the provider says it', () => {
      const failure = { status: 429, code: 'rate_limit_error', message: 'Slow down' }
      for (const streaming of [true, false]) {
        const body = Buffer.concat(write([{ type: 'error', failure }], streaming))
        const seen = read(format, body, { streaming }).events.find(({ type }) => type === 'error')
        expect(seen).toMatchObject({ type: 'error', failure: said(format, failure) })
      }
    })

    test('what has to go back with the reasoning is kept', () => {
      const signed: ReplyEvent[] = [
        { type: 'reasoning-delta', choice: 0, text: 'a' },
        format.name === 'openai-responses'
          ? { type: 'reasoning-delta', choice: 0, text: '', encrypted: 'sig' }
          : { type: 'reasoning-delta', choice: 0, text: '', signature: 'sig' },
        { type: 'text-delta', choice: 0, text: 'b' },
        { type: 'finish', choice: 0, reason: 'stop', raw: '' },
      ]
      for (const streaming of [true, false]) {
        const { events: seen } = read(format, Buffer.concat(write(signed, streaming)), {
          streaming,
        })
        const kept = seen.flatMap((event) =>
          event.type === 'reasoning-delta' ? [event.signature ?? event.encrypted] : [],
        )
        const wanted = unsaid[format.name]?.includes('signature') ? [] : ['sig']
        expect(kept.filter((value) => value !== undefined)).toEqual(wanted)
      }
    })
  },
)
