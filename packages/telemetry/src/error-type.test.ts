import { expect, test } from 'vitest'
import { errorTypeOf, failureTypeOf } from './error-type.ts'

const key = 'sk-proj-4fKx0Zq1yTn8WbR2vLdE6uJm'

test('the code of an error is its type, else its name, and never a value', () => {
  expect(errorTypeOf(Object.assign(new Error('no'), { code: 'ECONNRESET' }))).toBe('ECONNRESET')
  expect(errorTypeOf(Object.assign(new TypeError('no'), { code: key }))).toBe('TypeError')
  expect(errorTypeOf(Object.assign(new Error('no'), { name: key }))).toBe('_OTHER')
})

test('what a provider calls a failure is its type, else its status', () => {
  const failure = { status: 401, message: 'no' }
  expect(failureTypeOf({ ...failure, code: 'invalid_api_key' })).toBe('invalid_api_key')
  expect(failureTypeOf({ ...failure, code: key, type: 'bad_request' })).toBe('bad_request')
  expect(failureTypeOf({ ...failure, code: key, type: key })).toBe('401')
})
