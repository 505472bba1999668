import { expect, test } from 'vitest'
import type { LlmRecord } from './entries.ts'
import { entryOf, entryText } from './entry-text.ts'

test('a record is read as it was written, whatever its texts hold', () => {
  const record = {
    scope: '',
    ordinal: 0,
    request: {
      base: 3,
      keep: 2,
      elements: ['{"a":"b\\n"}', { blob: 'hash' }, '', 'line\nbreak “ü” 😀 \u0000'],
      head: '{"messages":[',
      tail: ']}',
    },
  } as unknown as LlmRecord
  expect(entryOf('llm', entryText('llm', record))).toEqual(record)
  const { request, ...rest } = record
  const short = { ...rest, request: { elements: request.elements } } as LlmRecord
  expect(entryOf('llm', entryText('llm', short))).toEqual(short)
})

test('other entries are JSON', () => {
  const fork = { scope: 'a\nb', fingerprint: 'x' }
  expect(entryText('fork', fork)).toBe(JSON.stringify(fork))
  expect(entryOf('fork', entryText('fork', fork))).toEqual(fork)
})
