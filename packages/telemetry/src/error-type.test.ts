import { expect, test } from 'vitest'
import { errorTypeOf, failureTypeOf } from './error-type.ts'

test.each([
  'ECONNRESET',
  'UND_ERR_HEADERS_TIMEOUT',
  'E2BIG',
  'ERR_HTTP2_STREAM_ERROR',
  'rate_limit_exceeded',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RESOURCE_EXHAUSTED',
  '1302',
])('%s is the name of a kind of error', (code) => {
  expect(errorTypeOf(Object.assign(new Error('no'), { code }))).toBe(code)
})

test.each([
  'sk-proj-4fKx0Zq1yTn8WbR2vLdE6uJm',
  'AKIAIOSFODNN7EXAMPLE',
  'ada@example.com',
  'no user with the token 4711',
  '4242424242424242',
  '',
])('%j is not, wherever it comes from', (code) => {
  expect(errorTypeOf(Object.assign(new TypeError('no'), { code }))).toBe('TypeError')
  expect(failureTypeOf({ status: 401, code, type: 'invalid_request_error', message: 'no' })).toBe(
    'invalid_request_error',
  )
  expect(failureTypeOf({ status: 401, code, type: code, message: 'no' })).toBe('401')
})
