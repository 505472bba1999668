import { expect, test } from 'vitest'
import { jsonText } from './json-text.ts'

test('every text is as JSON says it', () => {
  const texts = [
    '',
    'plain',
    'a "word"',
    'back\\slash',
    'line\nbreak',
    '\u007f',
    'ü',
    '\ud800',
    'long '.repeat(50),
  ]
  for (const text of texts) expect(jsonText(text)).toBe(JSON.stringify(text))
})
