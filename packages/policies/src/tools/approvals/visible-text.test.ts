import { canonicalArguments } from '@holdfast/core'
import { assert, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { visibleArguments, visibleText } from './visible-text.ts'

test.each([
  ['rm \u202ecod.slaog', 'rm \\u202ecod.slaog'],
  ['a\u200bb\ufeffc\u00add', 'a\\u200bb\\ufeffc\\u00add'],
  ['\u001b[2J\u009b2J\r\nnext', '\\u001b[2J\\u009b2J\\u000d\\u000anext'],
  ['tag \u{e0041} and \ufe0f', 'tag \\udb40\\udc41 and \\ufe0f'],
  ['lone \ud800', 'lone \\ud800'],
  ['Grüße 你好 😀', 'Grüße 你好 😀'],
])('%j is shown as %s', (text, shown) => {
  expect(visibleText(text)).toBe(shown)
})

test('shown arguments are the same arguments, and hold nothing hidden', () => {
  assert(
    property(jsonValue({ stringUnit: 'binary' }), (given) => {
      const { text, hash } = canonicalArguments({ given })
      const shown = visibleArguments(text)
      expect(canonicalArguments(JSON.parse(shown)).hash).toBe(hash)
      expect(shown).not.toMatch(/[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--\n]/v)
    }),
    { numRuns: 100 },
  )
})
