import { assemble, httpHeaders, LlmCall, openReply } from '@holdfast/core'
import type { LlmReply, ReplyEvent, WireFormat } from '@holdfast/core'
import { formats } from '@holdfast/wire'
import { describe, expect, test } from 'vitest'
import { toolGate } from './tool-gate.ts'

const call: ReplyEvent[] = [
  { type: 'tool-call-start', choice: 0, index: 0, id: 'call_a', name: 'send_email' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"to":"eve"}' },
  { type: 'finish', choice: 0, reason: 'tool-calls', raw: '' },
]
const start: ReplyEvent = { type: 'message-start', id: 'id_1', model: 'm' }
const text: ReplyEvent = { type: 'text-delta', choice: 0, text: 'Well.' }

const requests: Readonly<Record<string, readonly [path: string, body: object]>> = {
  'ollama-chat': ['/api/chat', { model: 'm', messages: [] }],
  'cohere-chat': ['/v2/chat', { model: 'm', messages: [] }],
  'bedrock-converse': ['/model/m/converse', { messages: [] }],
}

/** A reply of the format behind the gate, read to its end. */
async function through(format: WireFormat, events: readonly ReplyEvent[], streaming: boolean) {
  const [path, body] = requests[format.name] ?? ['', {}]
  const writer = format.replyWriter?.({ streaming, model: 'm' })
  if (writer === undefined) throw new Error(`${format.name} is only read`)
  const pieces = [...events.map((event) => writer.write(event)), writer.end()].filter(
    ({ length }) => length > 0,
  )
  const headers = httpHeaders({ 'content-type': writer.contentType })
  const asked = new LlmCall({
    id: '1',
    format,
    operation: 'chat',
    provider: 'p',
    model: 'm',
    streaming,
    http: {
      method: 'POST',
      url: `http://a.example${path}`,
      headers: httpHeaders(),
      body: JSON.stringify(body),
      signal: undefined,
      layer: 'fetch',
    },
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit() {},
  })
  let at = 0
  const reply: LlmReply = await toolGate({ preset: 'strict', maxAskAgain: 0 }).llm(asked, (inner) =>
    openReply(inner, {
      status: 200,
      statusText: '',
      headers,
      body: {
        read: async () => pieces[at++],
        readAll: async () => Buffer.concat(pieces),
        cancel: async () => {},
      },
    }),
  )
  const handedUp: Uint8Array[] = []
  for (let frame = await reply.next(); frame; frame = await reply.next()) handedUp.push(frame.bytes)
  const reader = format.replyReader({
    operation: 'chat',
    streaming,
    contentType: writer.contentType,
  })
  return assemble([...reader.push(Buffer.concat(handedUp)), ...reader.end()])
}

const written = formats.filter(({ name }) => name in requests)

test('there are such formats', () => {
  expect(written).toHaveLength(3)
})

describe.for(written.map((format): [string, WireFormat] => [format.name, format]))(
  '%s, which is written anew',
  ([, format]) => {
    test.for([true, false])(
      'a refusal stands in the place of the call, streaming: %s',
      async (streaming) => {
        const message = await through(format, [start, ...call], streaming)

        expect(message.text).toContain('Tool call refused: send_email was not run.')
        expect(message.toolCalls).toEqual([])
        expect(message.finishReason).toBe('stop')
      },
    )

    test('whole, with what was said before', async () => {
      const message = await through(format, [start, text, ...call], false)

      expect(message.text).toMatch(/^Well\.\s+Tool call refused/)
      expect(message.toolCalls).toEqual([])
    })

    test('once something has been handed up, the reply ends in an error', async () => {
      await expect(through(format, [start, text, ...call], true)).rejects.toMatchObject({
        code: 'TOOL_REFUSED',
      })
    })
  },
)
