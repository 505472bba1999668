import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import type { Content } from '@google/genai'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { CallEvent } from 'holdfast'
import OpenAI from 'openai'
import { expect, test } from 'vitest'

const rounds = Array.from({ length: 30 }, (_, round) => ({
  id: `call_${round}`,
  args: { page: round },
  result: `page ${round}: ${'words of it '.repeat(120)}`,
}))
const parameters = { type: 'object' as const, properties: { page: { type: 'number' } } }
const task = 'Read everything.'

type Client = (lab: Lab, streaming: boolean) => Promise<string>

const clients: Record<string, Client> = {
  'openai, chat': async ({ baseUrls }, streaming) => {
    const client = new OpenAI({ apiKey: 'any', baseURL: baseUrls.openai })
    const asked: Omit<OpenAI.ChatCompletionCreateParams, 'stream'> = {
      model: 'gpt-5',
      max_completion_tokens: 500,
      tools: [{ type: 'function', function: { name: 'read', parameters } }],
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: task },
        ...rounds.flatMap(({ id, args, result }): OpenAI.ChatCompletionMessageParam[] => [
          {
            role: 'assistant',
            tool_calls: [
              { id, type: 'function', function: { name: 'read', arguments: JSON.stringify(args) } },
            ],
          },
          { role: 'tool', tool_call_id: id, content: result },
        ]),
      ],
    }
    if (!streaming) {
      const answer = await client.chat.completions.create({ ...asked, stream: false })
      return answer.choices[0]?.message.content ?? ''
    }
    let text = ''
    for await (const piece of await client.chat.completions.create({ ...asked, stream: true })) {
      text += piece.choices[0]?.delta.content ?? ''
    }
    return text
  },
  'openai, responses': async ({ baseUrls }, streaming) => {
    const client = new OpenAI({ apiKey: 'any', baseURL: baseUrls.openai })
    const asked: Omit<OpenAI.Responses.ResponseCreateParams, 'stream'> = {
      model: 'gpt-5',
      max_output_tokens: 500,
      tools: [{ type: 'function', strict: null, name: 'read', parameters }],
      input: [
        { role: 'user', content: task },
        ...rounds.flatMap(({ id, args, result }): OpenAI.Responses.ResponseInputItem[] => [
          { type: 'function_call', call_id: id, name: 'read', arguments: JSON.stringify(args) },
          { type: 'function_call_output', call_id: id, output: result },
        ]),
      ],
    }
    if (!streaming) return (await client.responses.create({ ...asked, stream: false })).output_text
    let text = ''
    for await (const event of await client.responses.create({ ...asked, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta
    }
    return text
  },
  anthropic: async ({ baseUrls }, streaming) => {
    const client = new Anthropic({ apiKey: 'any', baseURL: baseUrls.anthropic })
    const asked: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'claude-opus-4-6',
      max_tokens: 500,
      tools: [{ name: 'read', input_schema: parameters }],
      messages: [
        { role: 'user', content: task },
        ...rounds.flatMap(({ id, args, result }): Anthropic.MessageParam[] => [
          { role: 'assistant', content: [{ type: 'tool_use', id, name: 'read', input: args }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: result }] },
        ]),
      ],
    }
    const answer = streaming
      ? await client.messages.stream(asked).finalMessage()
      : await client.messages.create(asked)
    return answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  },
  genai: async ({ baseUrls }, streaming) => {
    const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: baseUrls.gemini } })
    const asked = {
      model: 'gemini-3-flash',
      config: {
        maxOutputTokens: 500,
        tools: [{ functionDeclarations: [{ name: 'read', parametersJsonSchema: parameters }] }],
      },
      contents: [
        { role: 'user', parts: [{ text: task }] },
        ...rounds.flatMap(({ args, result }): Content[] => [
          {
            role: 'model',
            parts: [{ functionCall: { name: 'read', args }, thoughtSignature: 'c2ln' }],
          },
          { role: 'user', parts: [{ functionResponse: { name: 'read', response: { result } } }] },
        ]),
      ],
    }
    if (!streaming) return (await client.models.generateContent(asked)).text ?? ''
    let text = ''
    for await (const piece of await client.models.generateContentStream(asked)) {
      text += piece.text ?? ''
    }
    return text
  },
}

const ways = Object.keys(clients).flatMap((name) => [
  { name, streaming: false },
  { name, streaming: true },
])
const windowTokens = 8_000
const windows = {
  'gpt-5': { windowTokens },
  'claude-opus-4-6': { windowTokens },
  'gemini-3-flash': { windowTokens },
}

test.each(ways)('$name does not notice that less went out, streamed $streaming', async (way) => {
  await using lab = await startLab({ script: () => ({ text: 'All read.' }) })
  const events: CallEvent[] = []
  const holdfast = instrument({ context: { windows } })
  holdfast.on((event) => events.push(event))
  try {
    await expect(clients[way.name]?.(lab, way.streaming)).resolves.toBe('All read.')
  } finally {
    await holdfast.uninstrument()
  }
  const sent = JSON.stringify(lab.requests[0]?.body)
  expect(lab.requests).toHaveLength(1)
  expect(sent.length).toBeLessThan(windowTokens * 4)
  expect(sent).toContain(task)
  expect(sent).toContain('page 29: words')
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'context-compacted', enforced: true, windowTokens }),
  )
})

test.each(ways)('$name does not notice that it was too much, streamed $streaming', async (way) => {
  await using lab = await startLab({ script: [{ fault: 'context-length' }, { text: 'All read.' }] })
  const holdfast = instrument({ context: true })
  try {
    await expect(clients[way.name]?.(lab, way.streaming)).resolves.toBe('All read.')
  } finally {
    await holdfast.uninstrument()
  }
  expect(lab.requests).toHaveLength(2)
})

test('nothing goes out otherwise where it is only observed, or not asked for', async () => {
  await using lab = await startLab()
  const sizes: number[] = []
  for (const context of [{ mode: 'observe', windows } as const, false]) {
    const holdfast = instrument({ context })
    try {
      await clients['openai, chat']?.(lab, false)
    } finally {
      await holdfast.uninstrument()
    }
    sizes.push(JSON.stringify(lab.requests.at(-1)?.body).length)
  }
  expect(sizes[0]).toBe(sizes[1])
})
