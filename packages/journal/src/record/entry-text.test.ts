import { expect, test } from 'vitest'
import type { LlmRecord } from './entries.ts'
import { entryOf, entryText } from './entry-text.ts'

test('a record is read as it was written, whatever its texts hold', () => {
  const record = {
    scope: '',
    ordinal: 0,
    request: {
      base: 3,
      start: 120,
      end: 2,
      pieces: ['{"a":"b\\n"}', { blob: 'hash' }, '', 'line\nbreak “ü” 😀 \u0000'],
    },
  } as unknown as LlmRecord
  expect(entryOf('llm', entryText('llm', record))).toEqual(record)
  const { request, ...rest } = record
  const first = { ...rest, request: { pieces: request.pieces } } as LlmRecord
  expect(entryOf('llm', entryText('llm', first))).toEqual(first)
})

test('other entries are JSON', () => {
  const fork = { scope: 'a\nb', fingerprint: 'x' }
  expect(entryText('fork', fork)).toBe(JSON.stringify(fork))
  expect(entryOf('fork', entryText('fork', fork))).toEqual(fork)
})
