import { expect, test } from 'vitest'
import { errorWord } from './error-word.ts'

test.each([
  'ECONNRESET',
  'UND_ERR_HEADERS_TIMEOUT',
  'E2BIG',
  'ERR_HTTP2_STREAM_ERROR',
  'rate_limit_exceeded',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'APIConnectionError',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  '_OTHER',
  '1302',
])('%s is the name of a kind of error', (text) => {
  expect(errorWord(text)).toBe(text)
})

test.each([
  'sk-proj-4fKx0Zq1yTn8WbR2vLdE6uJm',
  'sk-proj-aKfxPZqXyTnRWbRlvLdEcuJm',
  'Bearer sk',
  'AKIAIOSFODNN7EXAMPLE',
  'ada@example.com',
  'no user with the token 4711',
  '4242424242424242',
  '',
  undefined,
])('%j is none', (text) => {
  expect(errorWord(text)).toBeUndefined()
})
