import { array, assert as check, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { read } from '../testing/read.ts'
import { gemini } from './format.ts'

const chunk = (parts: readonly object[], members: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...members }],
  modelVersion: 'gemini-2.5-pro',
  responseId: 'r1',
})
const chunks = [
  chunk([{ text: 'hm…', thought: true }]),
  chunk([{ text: 'Grü' }]),
  chunk([{ text: 'ße' }]),
  chunk([
    { functionCall: { name: 'add', args: { x: 1 } }, thoughtSignature: 'sig' },
    { functionCall: { id: 'own', name: 'now' } },
  ]),
  {
    ...chunk([], { finishReason: 'STOP' }),
    usageMetadata: {
      promptTokenCount: 10,
      toolUsePromptTokenCount: 2,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 3,
      cachedContentTokenCount: 4,
    },
  },
]
const events = chunks.map((value) => `data: ${JSON.stringify(value)}\r\n\r\n`).join('')
const list = JSON.stringify(chunks, null, 2)

test('a stream is put together, as CRLF events and as one JSON array', () => {
  for (const body of [events, list]) {
    const { message, events: seen, complete, problem } = read(gemini, body)
    expect(message).toEqual({
      id: 'r1',
      model: 'gemini-2.5-pro',
      text: 'Grüße',
      reasoning: 'hm…',
      toolCalls: [
        { id: '', name: 'add', arguments: '{"x":1}' },
        { id: 'own', name: 'now', arguments: '{}' },
      ],
      finishReason: 'tool-calls',
      rawFinishReason: 'STOP',
      usage: { inputTokens: 12, outputTokens: 8, cachedInputTokens: 4, reasoningTokens: 3 },
    })
    expect(seen).toContainEqual({ type: 'reasoning-delta', choice: 0, text: '', signature: 'sig' })
    expect({ complete, problem }).toEqual({ complete: true, problem: undefined })
  }
})

test('random cuts read the same as one piece', () => {
  for (const body of [events, list]) {
    const whole = read(gemini, body)
    check(
      property(array(nat({ max: 40 })), (sizes) => {
        expect(read(gemini, body, { sizes })).toEqual(whole)
      }),
    )
  }
})

test('a stream is incomplete until the finish reason is in', () => {
  const cut = `data: ${JSON.stringify(chunk([{ text: 'half' }]))}\r\n\r\n`
  expect(read(gemini, cut)).toMatchObject({ complete: false, problem: undefined })
  expect(read(gemini, list.slice(0, list.indexOf('finishReason')))).toMatchObject({
    complete: false,
    problem: undefined,
  })
})

test('arguments that come value by value are put together', () => {
  const call = (functionCall: object): object => chunk([{ functionCall }])
  const piece = (jsonPath: string, value: object): object => ({ jsonPath, ...value })
  const body = [
    call({ name: 'book', willContinue: true }),
    call({ partialArgs: [piece('$.guests[0].name', { stringValue: 'Ad' })], willContinue: true }),
    call({ partialArgs: [piece('$.guests[0].name', { stringValue: 'a' })], willContinue: true }),
    call({
      partialArgs: [
        piece('$.nights', { numberValue: 2 }),
        piece("$['late arrival']", { boolValue: true }),
        piece('$.__proto__', { stringValue: 'own' }),
        piece('$.far[4294967294]', { numberValue: 1 }),
      ],
      willContinue: true,
    }),
    call({}),
    chunk([], { finishReason: 'STOP' }),
  ]
  const [toolCall] = read(gemini, JSON.stringify(body)).message.toolCalls
  expect(toolCall).toEqual({
    id: '',
    name: 'book',
    arguments: '{"guests":[{"name":"Ada"}],"nights":2,"late arrival":true,"__proto__":"own"}',
  })
})

test('a blocked prompt is an end, a malformed call says so, numbers are understood', () => {
  const blocked = { promptFeedback: { blockReason: 'SAFETY' }, modelVersion: 'x' }
  const whole = read(gemini, JSON.stringify(blocked), { streaming: false })
  expect(whole).toMatchObject({
    complete: true,
    problem: undefined,
    message: { finishReason: 'content-filter', rawFinishReason: 'SAFETY' },
  })
  const malformed = { candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }
  expect(read(gemini, JSON.stringify(malformed), { streaming: false }).message).toMatchObject({
    finishReason: 'malformed-tool-call',
  })
  const numbers = { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 2 }] }
  expect(read(gemini, JSON.stringify(numbers), { streaming: false }).message).toMatchObject({
    finishReason: 'length',
    rawFinishReason: 'MAX_TOKENS',
  })
})

test('an error in the stream is a failure, no candidates is no answer', () => {
  const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' }
  const failure = { status: 503, code: 'UNAVAILABLE', message: 'The model is overloaded.' }
  for (const body of [
    `data: ${JSON.stringify({ error })}\r\n\r\n`,
    JSON.stringify([{ error }]),
    JSON.stringify({ error }),
  ]) {
    expect(read(gemini, body).events).toEqual([{ type: 'error', failure }])
  }
  const { problem } = read(gemini, '{"modelVersion":"x","candidates":[]}', { streaming: false })
  expect(problem).toBe('no candidates in the body')
})

test('token counts and embeddings tell their usage', () => {
  const count = { streaming: false, operation: 'count-tokens' } as const
  expect(read(gemini, '{"totalTokens":7}', count).events).toEqual([
    { type: 'usage', usage: { inputTokens: 7 } },
  ])
  const body = '{"embeddings":[{"values":[1],"statistics":{"token_count":3}}]}'
  const embeddings = { streaming: false, operation: 'embeddings' } as const
  expect(read(gemini, body, embeddings).events).toEqual([
    { type: 'usage', usage: { inputTokens: 3 } },
  ])
  expect(read(gemini, '{"embedding":{"values":[1]}}', embeddings)).toMatchObject({
    events: [],
    complete: true,
    problem: undefined,
  })
})
