import Anthropic, * as anthropicErrors from '@anthropic-ai/sdk'
import { ApiError, GoogleGenAI } from '@google/genai'
import OpenAI, * as openaiErrors from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Fault, FaultName, Lab } from './index.ts'
import { startLab } from './index.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]
let lab: Lab
let openai: OpenAI
let anthropic: Anthropic
let genai: GoogleGenAI

beforeAll(async () => {
  lab = await startLab()
  openai = new OpenAI({ apiKey: 'sk-lab', baseURL: lab.baseUrls.openai, maxRetries: 0 })
  anthropic = new Anthropic({ apiKey: 'lab', baseURL: lab.baseUrls.anthropic, maxRetries: 0 })
  genai = new GoogleGenAI({ apiKey: 'lab', httpOptions: { baseUrl: lab.baseUrls.gemini } })
})
afterAll(() => lab.close())

const viaOpenAI = async (fault: FaultName | Fault, stream = false): Promise<unknown> => {
  lab.reset({ fault })
  try {
    if (!stream) return await openai.chat.completions.create({ model: 'gpt-lab', messages })
    const chunks = await openai.chat.completions.create({ model: 'gpt-lab', messages, stream })
    for await (const _ of chunks);
    return 'ended well'
  } catch (error) {
    return error
  }
}
const viaAnthropic = async (fault: FaultName | Fault, stream = false): Promise<unknown> => {
  lab.reset({ fault })
  try {
    const ask = { model: 'claude-lab', max_tokens: 9, messages }
    if (!stream) return await anthropic.messages.create(ask)
    for await (const _ of await anthropic.messages.create({ ...ask, stream }));
    return 'ended well'
  } catch (error) {
    return error
  }
}
const viaGoogle = async (fault: FaultName | Fault): Promise<unknown> => {
  lab.reset({ fault })
  return await genai.models
    .generateContent({ model: 'gemini-lab', contents: 'Hello' })
    .catch((error: unknown) => error)
}

test.each([
  ['rate-limited', openaiErrors.RateLimitError, anthropicErrors.RateLimitError, 429],
  ['server-error', openaiErrors.InternalServerError, anthropicErrors.InternalServerError, 500],
  ['overloaded', openaiErrors.InternalServerError, anthropicErrors.InternalServerError, 503],
  ['bad-gateway-html', openaiErrors.InternalServerError, anthropicErrors.InternalServerError, 502],
  ['conflict', openaiErrors.ConflictError, anthropicErrors.ConflictError, 409],
  ['invalid-request', openaiErrors.BadRequestError, anthropicErrors.BadRequestError, 400],
  ['context-length', openaiErrors.BadRequestError, anthropicErrors.BadRequestError, 400],
  [
    'unprocessable',
    openaiErrors.UnprocessableEntityError,
    anthropicErrors.UnprocessableEntityError,
    422,
  ],
  ['invalid-key', openaiErrors.AuthenticationError, anthropicErrors.AuthenticationError, 400],
  ['forbidden', openaiErrors.PermissionDeniedError, anthropicErrors.PermissionDeniedError, 403],
  ['model-not-found', openaiErrors.NotFoundError, anthropicErrors.NotFoundError, 404],
] as const)('%s is the error class of each SDK', async (fault, ofOpenAI, ofAnthropic, ofGoogle) => {
  expect(await viaOpenAI(fault)).toBeInstanceOf(ofOpenAI)
  expect(await viaOpenAI(fault, true)).toBeInstanceOf(ofOpenAI)
  expect(await viaAnthropic(fault)).toBeInstanceOf(ofAnthropic)
  expect(await viaAnthropic(fault, true)).toBeInstanceOf(ofAnthropic)
  const google = await viaGoogle(fault)
  expect(google).toBeInstanceOf(ApiError)
  expect(google).toHaveProperty('status', ofGoogle)
})

test('errors carry the code and the request id where the SDKs look for them', async () => {
  expect(await viaOpenAI('quota-exhausted')).toMatchObject({
    code: 'insufficient_quota',
    type: 'insufficient_quota',
    requestID: expect.stringMatching(/^req_[0-9a-f]{32}$/),
  })
  expect(await viaAnthropic('overloaded')).toMatchObject({
    status: 529,
    error: { error: { type: 'overloaded_error' } },
    requestID: expect.stringMatching(/^req_011C/),
  })
})

test('an overloaded event inside a 200 is an error of the stream', async () => {
  const overloaded = await viaAnthropic('overloaded-event-first', true)
  expect(overloaded).toBeInstanceOf(anthropicErrors.APIError)
  expect(String(overloaded)).toContain('overloaded_error')
  expect(await viaOpenAI('error-event-mid', true)).toBeInstanceOf(openaiErrors.APIError)
})

test('cut connections are connection errors before the headers', async () => {
  for (const fault of ['reset-before-headers', 'close-before-headers', 'not-http'] as const) {
    expect(await viaOpenAI(fault)).toBeInstanceOf(openaiErrors.APIConnectionError)
    expect(await viaAnthropic(fault)).toBeInstanceOf(anthropicErrors.APIConnectionError)
  }
})

test('a stream that ends without its terminal event looks like success to bare SDKs', async () => {
  expect(await viaOpenAI('end-without-terminal', true)).toBe('ended well')
  expect(await viaAnthropic('end-without-terminal', true)).toBe('ended well')
})

test('Retry-After comes in every form, and never promises less than it was told', async () => {
  const headers = async (fault: Fault): Promise<Headers> => {
    const error = await viaOpenAI(fault)
    return error instanceof openaiErrors.APIError ? new Headers(error.headers) : new Headers()
  }
  const inSeconds = await headers({ name: 'rate-limited', retryAfterMs: 1500 })
  expect(inSeconds.get('retry-after')).toBe('2')
  const inMs = await headers({ name: 'rate-limited-ms', retryAfterMs: 1500 })
  expect([inMs.get('retry-after-ms'), inMs.get('retry-after')]).toEqual(['1500', null])
  const date = await headers({ name: 'rate-limited-date', retryAfterMs: 1500 })
  expect(Date.parse(date.get('retry-after') ?? '') - Date.now()).toBeGreaterThan(1400)
  expect((await headers({ name: 'rate-limited-long' })).get('retry-after')).toBe('3600')
  const reset = await headers({ name: 'rate-limited-reset-headers', retryAfterMs: 1400 })
  expect(reset.get('x-ratelimit-reset-tokens')).toBe('1.4s')

  lab.reset({ fault: 'rate-limited-reset-headers' })
  const anthropic = await fetch(`${lab.url}/v1/messages`, { method: 'POST', body: '{}' })
  const resetAt = anthropic.headers.get('anthropic-ratelimit-requests-reset')
  expect(Date.parse(resetAt ?? '')).toBeGreaterThan(Date.now() - 1000)
})
