import { expect, test } from 'vitest'
import { asResult } from './as-result.ts'

test('a result of a tool stays what it is, failed or not', () => {
  const failed = { content: [{ type: 'text', text: 'no such city' }], isError: true }
  expect(asResult(failed)).toBe(failed)
  const structured = { structuredContent: { city: 'Rome' } }
  expect(asResult(structured)).toBe(structured)
})

test.each([
  ['refused', 'refused'],
  [{ would: 'delete' }, '{"would":"delete"}'],
  [undefined, ''],
])('what a policy answers in its place, %j, is told to the model as text', (value, text) => {
  expect(asResult(value)).toEqual({ content: [{ type: 'text', text }] })
})
