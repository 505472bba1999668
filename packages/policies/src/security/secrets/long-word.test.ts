import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasLongWord } from './long-word.ts'

test('a word that may be a key is seen wherever it stands, and nothing else is', () => {
  const words = fc.array(fc.stringMatching(/^[\w-]{1,24}$/), { maxLength: 12 })
  const gaps = fc.constantFrom(' ', '", "', '.', ':\n', '/')
  fc.assert(
    fc.property(words, gaps, (all, gap) => {
      const long = /[\w-]{16}|(?=[\w-]{12})[\w-]*\d/.test(all.join(' '))
      expect(hasLongWord(all.join(gap))).toBe(long)
    }),
    { numRuns: 500 },
  )
})
