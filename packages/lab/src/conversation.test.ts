import Anthropic from '@anthropic-ai/sdk'
import type { Content, FunctionResponse } from '@google/genai'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Lab } from './index.ts'
import { badDay, conversation, react, startLab, withFaults } from './index.ts'

const script = conversation({
  calls: [
    { name: 'search', arguments: { query: 'fjords' } },
    [
      { name: 'weather', arguments: { city: 'Oslo' } },
      { name: 'weather', arguments: { city: 'Bergen' } },
    ],
  ],
  answer: 'It rains in Bergen.',
})
const rounds = [['search'], ['weather', 'weather'], []]
const schema = { type: 'object' as const, properties: {} }

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
beforeEach(() => lab.reset(script))
afterAll(() => lab.close())

describe('a scripted conversation is the same on every wire', () => {
  test('Chat Completions', async () => {
    const openai = new OpenAI({ apiKey: 'sk-lab', baseURL: lab.baseUrls.openai })
    const tools = ['search', 'weather'].map((name) => ({
      type: 'function' as const,
      function: { name, parameters: schema },
    }))
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Weather?' }]
    const seen: string[][] = []
    for (let answer = ''; answer === '';) {
      const { choices } = await openai.chat.completions.create({
        model: 'gpt-lab',
        messages,
        tools,
      })
      const message = choices[0]!.message
      const calls = (message.tool_calls ?? []).filter((call) => call.type === 'function')
      seen.push(calls.map((call) => call.function.name))
      answer = message.content ?? ''
      messages.push(message)
      for (const { id } of calls) messages.push({ role: 'tool', tool_call_id: id, content: 'ok' })
      if (answer !== '') expect(answer).toBe('It rains in Bergen.')
    }
    expect(seen).toEqual(rounds)
  })

  test.each(['history', 'previous_response_id'])('Responses, by %s', async (by) => {
    const openai = new OpenAI({ apiKey: 'sk-lab', baseURL: lab.baseUrls.openai })
    const tools = ['search', 'weather'].map((name) => ({
      type: 'function' as const,
      name,
      parameters: schema,
      strict: false,
    }))
    let input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather?' }]
    let previous: string | null = null
    const seen: string[][] = []
    for (let answer = ''; answer === '';) {
      const response: OpenAI.Responses.Response = await openai.responses.create({
        model: 'gpt-lab',
        input,
        tools,
        previous_response_id: previous,
      })
      const calls = response.output.filter((item) => item.type === 'function_call')
      const results = calls.map(({ call_id }) => ({
        type: 'function_call_output' as const,
        call_id,
        output: 'ok',
      }))
      seen.push(calls.map(({ name }) => name))
      answer = response.output_text
      if (by === 'history') input = [...input, ...calls, ...results]
      else [input, previous] = [results, response.id]
    }
    expect(seen).toEqual(rounds)
  })

  test('Messages, streamed', async () => {
    const anthropic = new Anthropic({ apiKey: 'lab', baseURL: lab.baseUrls.anthropic })
    const tools = ['search', 'weather'].map((name) => ({ name, input_schema: schema }))
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Weather?' }]
    const seen: string[][] = []
    for (let stop: string | null = ''; stop !== 'end_turn';) {
      const ask = { model: 'claude-lab', max_tokens: 99, messages, tools }
      const message = await anthropic.messages.stream(ask).finalMessage()
      const calls = message.content.filter((block) => block.type === 'tool_use')
      seen.push(calls.map(({ name }) => name))
      stop = message.stop_reason
      messages.push({ role: 'assistant', content: message.content })
      messages.push({
        role: 'user',
        content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' })),
      })
    }
    expect(seen).toEqual(rounds)
  })

  test('generateContent', async () => {
    const genai = new GoogleGenAI({ apiKey: 'lab', httpOptions: { baseUrl: lab.url } })
    const functionDeclarations = ['search', 'weather'].map((name) => ({ name }))
    const contents: Content[] = [{ role: 'user', parts: [{ text: 'Weather?' }] }]
    const seen: string[][] = []
    for (let calls: string[] | undefined; calls === undefined || calls.length > 0;) {
      const response = await genai.models.generateContent({
        model: 'gemini-lab',
        contents,
        config: { tools: [{ functionDeclarations }] },
      })
      calls = (response.functionCalls ?? []).map(({ name }) => name ?? '')
      seen.push(calls)
      contents.push(response.candidates![0]!.content!)
      contents.push({
        role: 'user',
        parts: calls.map((name) => ({
          functionResponse: { name, response: { output: 'ok' } } satisfies FunctionResponse,
        })),
      })
    }
    expect(seen).toEqual(rounds)
  })
})

const post = async (messages: readonly object[], tools: readonly string[] = []) => {
  const response = await fetch(`${lab.baseUrls.openai}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({
      model: 'm',
      messages,
      tools: tools.map((name) => ({ type: 'function', function: { name } })),
    }),
  })
  const body = JSON.parse(await response.text())
  return { status: response.status, message: body.choices?.[0]?.message }
}
const hello = { role: 'user', content: 'Hello' }

test('a tool that is not offered is not called', async () => {
  const { message } = await post([hello], ['weather'])
  expect(message.content).toBe('It rains in Bergen.')
})

test('a new question starts the calls again', async () => {
  const before = [hello, { role: 'tool', tool_call_id: 'x', content: 'ok' }]
  const { message } = await post([...before, hello], ['search'])
  expect(message.tool_calls[0].function.name).toBe('search')
})

test('faults strike at their position, and the call after gets the step that was spoiled', async () => {
  lab.reset(
    withFaults([{ text: 'one' }, { text: 'two' }], {
      0: 'server-error',
      1: { name: 'rate-limited', retryAfterMs: 5 },
      3: 'one-byte-chunks',
    }),
  )
  const answers = []
  for (let n = 0; n < 5; n++) answers.push(await post([hello]))
  expect(answers.map(({ status, message }) => message?.content ?? status)).toEqual([
    500,
    429,
    'one',
    'two',
    'The lab is up and answers as asked.',
  ])
})

test('a ReAct script calls a tool, then gives its final answer', async () => {
  lab.reset(react({ calls: [{ name: 'search', arguments: { query: 'x' } }], answer: 'Found.' }))
  const first = JSON.parse((await post([hello])).message.content)
  expect(first).toMatchObject({ action: 'search', actionInput: { query: 'x' } })
  const feedback = { role: 'user', content: 'You got this result from the tool: "ok"' }
  const second = JSON.parse((await post([hello, feedback])).message.content)
  expect(second).toEqual({ finalAnswer: 'Found.' })
})

describe('a bad day', () => {
  const day = async (seed: number, calls: number): Promise<(string | undefined)[]> => {
    lab.reset(badDay(seed, { rate: 0.5, faults: ['server-error', 'overloaded', 'empty-200'] }))
    for (let n = 0; n < calls; n++) {
      await fetch(`${lab.baseUrls.openai}/chat/completions`, { method: 'POST', body: '{}' })
    }
    return lab.requests.map(({ fault }) => fault)
  }

  test('is the same for the same seed and another one for another', async () => {
    const one = await day(3, 30)
    expect(await day(3, 30)).toEqual(one)
    expect(await day(4, 30)).not.toEqual(one)
  })

  test('has about as many faults as asked for, and never three in a row', async () => {
    const faults = await day(5, 200)
    const share = faults.filter(Boolean).length / faults.length
    expect(share).toBeGreaterThan(0.3)
    expect(share).toBeLessThan(0.55)
    const three = faults.some((_, at) => at > 1 && faults.slice(at - 2, at + 1).every(Boolean))
    expect(three).toBe(false)
  })

  test('keeps the step of a list for the call after the fault', async () => {
    const steps = ['a', 'b', 'c', 'd'].map((text) => ({ text }))
    lab.reset(badDay(2, { rate: 0.5, faults: ['server-error'], script: steps }))
    const said: string[] = []
    for (let n = 0; n < 20; n++) {
      const { message } = await post([hello])
      if (message !== undefined) said.push(message.content)
    }
    expect(said.slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
    expect(said.length).toBeLessThan(20)
  })

  test('refuses options that make no sense', () => {
    expect(() => badDay(1, { rate: 2 })).toThrow('rate must be from 0 to 1, not 2')
    expect(() => badDay(1, { maxInARow: 0 })).toThrow('maxInARow must be 1 or more, not 0')
  })
})
