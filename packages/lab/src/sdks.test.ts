import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Lab, Step } from './index.ts'
import { startLab } from './index.ts'

const step: Step = {
  reasoning: 'The user greets, so I look first.',
  text: 'Grüße 👋 from the lab.',
  toolCalls: [
    { name: 'search', arguments: { query: 'wörld "quoted"', limit: 3 } },
    { name: 'weather', arguments: { city: 'Oslo' } },
  ],
  usage: { inputTokens: 100, outputTokens: 50, cachedInputTokens: 20, reasoningTokens: 10 },
}
const calls = step.toolCalls?.map((call) => [call.name, call.arguments])
const messages = [{ role: 'user' as const, content: 'Hello' }]

let lab: Lab
let openai: OpenAI
let anthropic: Anthropic
let genai: GoogleGenAI

beforeAll(async () => {
  lab = await startLab({ script: step })
  openai = new OpenAI({ apiKey: 'sk-lab', baseURL: lab.baseUrls.openai, maxRetries: 0 })
  anthropic = new Anthropic({ apiKey: 'lab', baseURL: lab.baseUrls.anthropic, maxRetries: 0 })
  genai = new GoogleGenAI({ apiKey: 'lab', httpOptions: { baseUrl: lab.baseUrls.gemini } })
})
beforeEach(() => lab.reset(step))
afterAll(() => lab.close())

describe('the openai client, Chat Completions', () => {
  const expectMessage = (completion: OpenAI.ChatCompletion): void => {
    const [choice] = completion.choices
    expect(choice?.message.content).toBe(step.text)
    expect(choice?.finish_reason).toBe('tool_calls')
    expect(
      choice?.message.tool_calls?.map((call) =>
        call.type === 'function'
          ? [call.function.name, JSON.parse(call.function.arguments)]
          : call.type,
      ),
    ).toEqual(calls)
    expect(completion.usage).toMatchObject({
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 10 },
    })
  }

  test('reads a whole answer', async () => {
    const completion = await openai.chat.completions.create({ model: 'gpt-lab', messages })
    expectMessage(completion)
    expect(completion.choices[0]?.message).toHaveProperty('reasoning_content', step.reasoning)
  })

  test('reads a stream, with usage where it was asked for', async () => {
    const stream = openai.chat.completions.stream({
      model: 'gpt-lab',
      messages,
      stream_options: { include_usage: true },
    })
    expectMessage(await stream.finalChatCompletion())
  })

  test('gets no usage in a stream that did not ask for it', async () => {
    const stream = await openai.chat.completions.create({
      model: 'gpt-lab',
      messages,
      stream: true,
    })
    const chunks = await collect(stream)
    expect(chunks.every((chunk) => chunk.usage === undefined)).toBe(true)
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' })
  })

  test('reads embeddings and the list of models', async () => {
    const { data } = await openai.embeddings.create({ model: 'embed', input: ['a', 'b'] })
    expect(data.map(({ embedding }) => embedding.length)).toEqual([256, 256])
    expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1, 5)
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain('lab-large')
  })
})

describe('the openai client, Responses', () => {
  const expectResponse = (response: OpenAI.Responses.Response): void => {
    expect(response.status).toBe('completed')
    expect(response.output.map(({ type }) => type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'function_call',
    ])
    expect(response.output_text).toBe(step.text)
    expect(
      response.output.flatMap((item) =>
        item.type === 'function_call' ? [[item.name, JSON.parse(item.arguments)]] : [],
      ),
    ).toEqual(calls)
    expect(response.output[0]).toMatchObject({ summary: [{ text: step.reasoning }] })
    expect(response.usage).toMatchObject({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 20 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 10 },
    })
  }

  test('reads a whole answer', async () => {
    expectResponse(await openai.responses.create({ model: 'gpt-lab', input: 'Hello' }))
  })

  test('reads a stream whose events are numbered without a gap', async () => {
    const stream = openai.responses.stream({ model: 'gpt-lab', input: 'Hello' })
    const numbers: number[] = []
    stream.on('event', (event) => numbers.push(event.sequence_number))
    expectResponse(await stream.finalResponse())
    expect(numbers).toEqual(numbers.map((_, index) => index))
  })

  test('reads an incomplete answer, whole and streamed', async () => {
    lab.reset({ text: 'Only half of', finishReason: 'length' })
    const whole = await openai.responses.create({ model: 'gpt-lab', input: 'Hello' })
    const stream = openai.responses.stream({ model: 'gpt-lab', input: 'Hello' })
    for (const response of [whole, await stream.finalResponse()]) {
      expect(response.status).toBe('incomplete')
      expect(response.incomplete_details).toEqual({ reason: 'max_output_tokens' })
    }
  })
})

describe('the Anthropic client', () => {
  const ask = { model: 'claude-lab', max_tokens: 100, messages }
  const expectMessage = (message: Anthropic.Message): void => {
    expect(message.content.map(({ type }) => type)).toEqual([
      'thinking',
      'text',
      'tool_use',
      'tool_use',
    ])
    expect(message.content[0]).toMatchObject({
      thinking: step.reasoning,
      signature: expect.stringMatching(/^[\w+/]+==$/),
    })
    expect(message.content[1]).toMatchObject({ text: step.text })
    expect(
      message.content.flatMap((block) =>
        block.type === 'tool_use' ? [[block.name, block.input]] : [],
      ),
    ).toEqual(calls)
    expect(message.stop_reason).toBe('tool_use')
    expect(message.usage).toMatchObject({
      input_tokens: 80,
      cache_read_input_tokens: 20,
      output_tokens: 50,
    })
  }

  test('reads a whole answer', async () => {
    expectMessage(await anthropic.messages.create(ask))
  })

  test('reads a stream', async () => {
    expectMessage(await anthropic.messages.stream(ask).finalMessage())
  })

  test('counts tokens', async () => {
    const { input_tokens } = await anthropic.messages.countTokens({ model: 'claude-lab', messages })
    expect(input_tokens).toBeGreaterThan(0)
  })
})

describe('the Google client', () => {
  const ask = { model: 'gemini-lab', contents: 'Hello' }

  test('reads a whole answer', async () => {
    const response = await genai.models.generateContent(ask)
    const parts = response.candidates?.[0]?.content?.parts ?? []
    expect(parts[0]).toMatchObject({ thought: true, text: step.reasoning })
    expect(parts[1]?.text).toBe(step.text)
    expect(response.functionCalls?.map((call) => [call.name, call.args])).toEqual(calls)
    expect(parts[2]?.thoughtSignature).toMatch(/==$/)
    expect(response.usageMetadata).toMatchObject({
      promptTokenCount: 100,
      cachedContentTokenCount: 20,
      candidatesTokenCount: 40,
      thoughtsTokenCount: 10,
      totalTokenCount: 150,
    })
  })

  test('reads a stream', async () => {
    const chunks = await collect(await genai.models.generateContentStream(ask))
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? [])
    const said = (thought: boolean): string =>
      parts
        .filter((part) => (part.thought ?? false) === thought)
        .map((part) => part.text ?? '')
        .join('')
    expect(said(true)).toBe(step.reasoning)
    expect(said(false)).toBe(step.text)
    expect(chunks.flatMap((chunk) => chunk.functionCalls ?? []).map((call) => call.name)).toEqual([
      'search',
      'weather',
    ])
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP')
    expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBe(150)
  })

  test('counts tokens and embeds', async () => {
    expect((await genai.models.countTokens(ask)).totalTokens).toBeGreaterThan(0)
    const { embeddings } = await genai.models.embedContent(ask)
    expect(embeddings?.[0]?.values).toHaveLength(256)
  })

  test('speaks to Vertex paths', async () => {
    const vertex = new GoogleGenAI({
      vertexai: true,
      apiKey: 'lab',
      httpOptions: { baseUrl: lab.baseUrls.gemini },
    })
    const response = await vertex.models.generateContent(ask)
    expect(response.functionCalls).toHaveLength(2)
    expect(lab.requests.at(-1)?.path).toContain('publishers/google/models/gemini-lab')
  })

  test('without alt=sse the stream is one JSON array', async () => {
    const url = `${lab.url}/v1beta/models/gemini-lab:streamGenerateContent`
    const response = await fetch(url, { method: 'POST', body: '{"contents":[]}' })
    expect(response.headers.get('content-type')).toBe('application/json; charset=UTF-8')
    const chunks = JSON.parse(await response.text())
    expect(chunks.at(-1).candidates[0].finishReason).toBe('STOP')
  })
})

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}
