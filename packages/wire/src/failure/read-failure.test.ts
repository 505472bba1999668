import { type Failure, httpHeaders } from '@holdfast/core'
import { array, assert as check, integer, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failureOf, readFailure } from './read-failure.ts'

const failure = (status: number, body: unknown, headers: Record<string, string> = {}): Failure =>
  readFailure(
    status,
    httpHeaders(headers),
    new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  )

test.for<[string, number, unknown, Partial<Failure>]>([
  [
    'OpenAI',
    429,
    { error: { message: 'You ran out.', type: 'insufficient_quota', code: 'insufficient_quota' } },
    { code: 'insufficient_quota', message: 'You ran out.' },
  ],
  [
    'Azure',
    401,
    { error: { code: '401', message: 'Access denied' } },
    { code: '401', message: 'Access denied' },
  ],
  [
    'OpenRouter',
    429,
    { error: { code: 429, message: 'Provider returned error' } },
    { code: '429', message: 'Provider returned error' },
  ],
  [
    'Mistral',
    400,
    { object: 'error', message: 'Invalid model', type: 'invalid_model', code: '1500' },
    { code: '1500', type: 'invalid_model', message: 'Invalid model' },
  ],
  [
    'Anthropic',
    529,
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    { code: 'overloaded_error', message: 'Overloaded' },
  ],
  [
    'Gemini in a list',
    400,
    [
      {
        error: {
          code: 400,
          message: 'API key not valid.',
          status: 'INVALID_ARGUMENT',
          details: [{ reason: 'API_KEY_INVALID' }],
        },
      },
    ],
    { code: 'INVALID_ARGUMENT', type: 'API_KEY_INVALID', message: 'API key not valid.' },
  ],
  ['FastAPI', 422, { detail: [{ msg: 'field required' }] }, { message: 'field required' }],
  ['a text for an error', 404, { error: 'no such model' }, { message: 'no such model' }],
  ['plain text', 503, 'upstream connect\n error', { message: 'upstream connect error' }],
  ['nothing', 504, '', { message: 'HTTP 504 without a message' }],
  ['broken JSON', 500, '{"error": {"mess', { message: '{"error": {"mess' }],
  [
    'HTML',
    502,
    '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>x</body></html>',
    { message: '502 Bad Gateway' },
  ],
  [
    'HTML without a title',
    502,
    '<html><style>p{}</style><body><h1>Busy</h1><p>try later</p></body></html>',
    { message: 'Busy try later' },
  ],
])('%s', ([, status, body, expected]) => {
  expect(failure(status, body)).toEqual({ status, ...expected })
})

test('a message is short and holds no key', () => {
  const long = failure(500, 'word '.repeat(1_000)).message
  expect(long.length).toBe(512)
  const key = 'sk-proj-abcDEF123456789'
  for (const message of [
    `Incorrect API key provided: ${key}. You can find your API key at example.com`,
    `Invalid key ${key}`,
    `Authorization Bearer ${key}x rejected`,
    'Your api key: ****-key is invalid',
    'GET https://x.example/?key=AIzaSyA1234567890&alt=sse failed',
  ]) {
    const said = failure(401, { error: { message } }).message
    expect(said).toMatch(/\[redacted\]/)
    expect(said).not.toMatch(/abcDEF|\*-key|AIzaSy/)
  }
  const harmless = 'max_tokens: 5 is too small for skeleton-keys and risk-free models'
  expect(failure(400, { error: { message: harmless } }).message).toBe(harmless)
})

describe('how long to wait', () => {
  const later = (ms: number): string => new Date(Date.now() + ms).toISOString()
  const date = 'Fri, 21 Nov 2026 10:00:00 GMT'

  test.for<[string, Record<string, string>, number]>([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['parts of seconds', { 'retry-after': '0.5' }, 500],
    ['milliseconds, which say more', { 'retry-after-ms': '20', 'retry-after': '1' }, 20],
    [
      'a date, by the server clock',
      { 'retry-after': 'Fri, 21 Nov 2026 10:00:30 GMT', date },
      30_000,
    ],
    ['a date gone by', { 'retry-after': 'Fri, 21 Nov 2026 09:00:00 GMT', date }, 0],
    ['a long time', { 'retry-after': '86400' }, 86_400_000],
    ['resets by words', { 'x-ratelimit-reset-tokens': '6m0s' }, 360_000],
    [
      'the limit that is used up, not the other',
      {
        'x-ratelimit-reset-requests': '20ms',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-tokens': '6m0s',
        'x-ratelimit-remaining-tokens': '100',
      },
      20,
    ],
    [
      'the first reset where none is marked',
      { 'x-ratelimit-reset-requests': '24h', 'x-ratelimit-reset-tokens': '1m1.5s' },
      61_500,
    ],
  ])('%s', ([, headers, retryAfterMs]) => {
    expect(failure(429, {}, headers).retryAfterMs).toBe(retryAfterMs)
  })

  test('Anthropic tells a time', () => {
    const headers = {
      'anthropic-ratelimit-requests-reset': later(1_000),
      'anthropic-ratelimit-requests-remaining': '12',
      'anthropic-ratelimit-tokens-reset': later(30_000),
      'anthropic-ratelimit-tokens-remaining': '0',
    }
    const { retryAfterMs = 0 } = failure(429, {}, headers)
    expect(retryAfterMs).toBeGreaterThan(29_000)
    expect(retryAfterMs).toBeLessThanOrEqual(30_000)
  })

  test('Google tells it in the body, and a header goes first', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }]
    const body = { error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED', details } }
    expect(failure(429, body).retryAfterMs).toBe(34_070)
    expect(failure(429, body, { 'retry-after': '3' }).retryAfterMs).toBe(3_000)
  })

  test.for<[string, number | undefined]>([
    ['Please try again in 1s. Visit https://platform.openai.com/account/rate-limits.', 1_000],
    ['Please try again in 20ms.', 20],
    ['Please try again in 6m0s', 360_000],
    ['Please try again in 1h2m3.5s.', 3_723_500],
    ['Please retry in 34.074824224s.', 34_075],
    ['Please retry after 26 seconds. To increase your default rate limit visit', 26_000],
    ['Try again in 1 minute and 30 seconds', 90_000],
    ['Try again in 2 days, 3 hours', 183_600_000],
    ['please try again in 500 milliseconds', 500],
    ['Please try again in a moment, or in 5 years', undefined],
    ['Please try again later. 5s', undefined],
    ['Retry after 3 mice', undefined],
  ])('in words: %s', ([message, retryAfterMs]) => {
    expect(failure(429, { error: { message } }).retryAfterMs).toBe(retryAfterMs)
  })

  test('words say more than resets and less than a header', () => {
    const body = { error: { message: 'Please try again in 2s.' } }
    expect(failure(429, body, { 'x-ratelimit-reset-tokens': '6m0s' }).retryAfterMs).toBe(2_000)
    expect(failure(429, body, { 'retry-after': '3' }).retryAfterMs).toBe(3_000)
  })

  test('in words inside a stream', () => {
    const error = { code: 'rate_limit_exceeded', message: 'Please try again in 11.054s.' }
    expect(failureOf({ error })).toMatchObject({ status: 429, retryAfterMs: 11_054 })
  })

  test('resets mean nothing but on a 429, and nonsense means nothing', () => {
    expect(failure(500, {}, { 'x-ratelimit-reset-tokens': '6m0s' }).retryAfterMs).toBeUndefined()
    for (const value of ['soon', '-5', 'NaN', '']) {
      expect(failure(429, {}, { 'retry-after': value }).retryAfterMs).toBeUndefined()
    }
  })
})

test("the provider's advice is kept", () => {
  expect(failure(500, {}, { 'x-should-retry': 'false' }).shouldRetry).toBe(false)
  expect(failure(500, {}, { 'x-should-retry': 'true' }).shouldRetry).toBe(true)
  expect(failure(500, {}).shouldRetry).toBeUndefined()
})

test.for<[string, number]>([
  ['overloaded_error', 529],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['billing_error', 402],
])('inside a stream, %s has the status %d', ([type, status]) => {
  expect(failureOf({ error: { type, message: 'x' } }).status).toBe(status)
})

test('an error event without a message has its code for one', () => {
  expect(failureOf({ error: { type: 'overloaded_error' } }).message).toBe('overloaded_error')
  expect(failureOf({ error: {} }).message).toBe('an error without a message')
})

test('no body makes it throw', () => {
  check(
    property(integer({ min: 400, max: 599 }), array(nat({ max: 255 })), (status, bytes) => {
      const read = readFailure(status, httpHeaders(), Uint8Array.from(bytes))
      expect(read.status).toBe(status)
      expect(read.message.length).toBeGreaterThan(0)
      expect(read.message.length).toBeLessThanOrEqual(512)
    }),
  )
})

test.for([
  ['ValidationException', 'Input is too long for requested model.', 'context_length_exceeded'],
  ['ValidationException', 'The provided model identifier is invalid.', undefined],
  ['ThrottlingException', 'Too many tokens, please wait before trying again.', undefined],
] as const)("AWS's %s stands in a header: %s", ([code, message, type]) => {
  const status = code === 'ThrottlingException' ? 429 : 400
  const words = `${code}:http://internal.amazon.com/coral/com.amazon.bedrock/`
  const failure = readFailure(
    status,
    httpHeaders({ 'x-amzn-errortype': words }),
    new TextEncoder().encode(JSON.stringify({ message })),
  )
  expect(failure).toEqual({ status, code, message, ...(type ? { type } : {}) })
})

test('AWS names its errors in the body too, with a namespace', () => {
  expect(
    failureOf({ __type: 'com.amazon.coral.service#ThrottlingException', message: 'Slow down' }),
  ).toEqual({ status: 429, code: 'ThrottlingException', message: 'Slow down' })
})

test("Cohere's word for a prompt that is too long", () => {
  const message = 'too many tokens: total number of tokens in the prompt cannot exceed 4081'
  expect(
    readFailure(400, httpHeaders(), new TextEncoder().encode(JSON.stringify({ message }))),
  ).toEqual({ status: 400, type: 'context_length_exceeded', message })
})
