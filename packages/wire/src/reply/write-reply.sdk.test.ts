import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import type { ReplyEvent, WireFormat } from '@holdfast/core'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { anthropicMessages, gemini, openaiChat, openaiResponses } from '../index.ts'
import { write } from '../testing/write.ts'

const events: ReplyEvent[] = [
  { type: 'message-start', id: 'id_1', model: 'model-1' },
  { type: 'text-delta', choice: 0, text: 'Grü' },
  { type: 'text-delta', choice: 0, text: 'ße' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'call_a', name: 'add' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"x":' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '1}' },
  { type: 'usage', usage: { inputTokens: 12, outputTokens: 8 } },
  { type: 'finish', choice: 0, reason: 'tool-calls', raw: '' },
]

/** A fetch whose every answer is what the format writes, piece by piece when streamed. */
function answering(format: WireFormat, streaming: boolean): typeof fetch {
  return () => {
    const pieces = write(format, events, { streaming, model: 'asked' })
    const type = streaming ? 'text/event-stream' : 'application/json'
    return Promise.resolve(
      new Response(ReadableStream.from(pieces.filter(({ length }) => length > 0)), {
        headers: { 'content-type': type },
      }),
    )
  }
}

const messages = [{ role: 'user' as const, content: 'Hi' }]

test("OpenAI's SDK reads a written chat completion, streamed and whole", async () => {
  const client = (streaming: boolean): OpenAI =>
    new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: answering(openaiChat, streaming) })
  const streamed = client(true).chat.completions.stream({ model: 'm', messages })
  for (const { choices, usage } of [
    await streamed.finalChatCompletion(),
    await client(false).chat.completions.create({ model: 'm', messages }),
  ]) {
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: 'Grüße',
        tool_calls: [{ id: 'call_a', function: { name: 'add', arguments: '{"x":1}' } }],
      },
    })
    expect(usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 8 })
  }
})

test("OpenAI's SDK reads a written response, streamed and whole", async () => {
  const client = (streaming: boolean): OpenAI =>
    new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: answering(openaiResponses, streaming) })
  for (const response of [
    await client(true).responses.stream({ model: 'm', input: 'Hi' }).finalResponse(),
    await client(false).responses.create({ model: 'm', input: 'Hi' }),
  ]) {
    expect(response).toMatchObject({
      id: 'id_1',
      status: 'completed',
      output_text: 'Grüße',
      usage: { input_tokens: 12, output_tokens: 8 },
    })
    expect(response.output[1]).toMatchObject({
      type: 'function_call',
      call_id: 'call_a',
      name: 'add',
      arguments: '{"x":1}',
    })
  }
})

test("Anthropic's SDK reads a written message, streamed and whole", async () => {
  const client = (streaming: boolean): Anthropic =>
    new Anthropic({ apiKey: 'none', maxRetries: 0, fetch: answering(anthropicMessages, streaming) })
  const ask = { model: 'm', max_tokens: 9, messages }
  for (const message of [
    await client(true).messages.stream(ask).finalMessage(),
    await client(false).messages.create(ask),
  ]) {
    expect(message).toMatchObject({
      id: 'id_1',
      stop_reason: 'tool_use',
      content: [
        { type: 'text', text: 'Grüße' },
        { type: 'tool_use', id: 'call_a', name: 'add', input: { x: 1 } },
      ],
      usage: { input_tokens: 12, output_tokens: 8 },
    })
  }
})

test("Google's SDK reads a written answer, streamed and whole", async () => {
  const client = (streaming: boolean): GoogleGenAI =>
    new GoogleGenAI({ apiKey: 'none', httpOptions: { fetch: answering(gemini, streaming) } })
  const ask = { model: 'm', contents: 'Hi' }
  const whole = await client(false).models.generateContent(ask)
  expect(whole.candidates?.[0]).toMatchObject({
    finishReason: 'STOP',
    content: {
      parts: [{ text: 'Grüße' }, { functionCall: { id: 'call_a', name: 'add', args: { x: 1 } } }],
    },
  })
  const parts: unknown[] = []
  let last: string | undefined
  for await (const chunk of await client(true).models.generateContentStream(ask)) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []))
    last = chunk.candidates?.[0]?.finishReason ?? last
  }
  expect(parts).toEqual([
    { text: 'Grü' },
    { text: 'ße' },
    { functionCall: { id: 'call_a', name: 'add', args: { x: 1 } } },
  ])
  expect(last).toBe('STOP')
})
