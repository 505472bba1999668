import { assert, integer, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { sharesText } from './shared-text.ts'

test('a long piece is found wherever it stands, whatever its case and blanks', () => {
  assert(
    property(
      string({ maxLength: 300 }),
      string({ minLength: 24, maxLength: 60, unit: 'grapheme-ascii' }),
      string({ maxLength: 300 }),
      integer({ min: 0, max: 40 }),
      (before, piece, after, at) => {
        const words = piece.replaceAll(/\s/g, '_')
        const page = `${before} ${words} ${after}`.toUpperCase()
        const argument = `${'x'.repeat(at)} ${words} ${'y'.repeat(40 - at)}`
        expect(sharesText([argument], page)).toBe(true)
      },
    ),
  )
})

test.for([
  ['a whole short argument', ['rm notes.txt'], 'Then run: rm  notes.txt and go on.', true],
  ['a word that is everywhere', ['ls -la'], 'Use ls -la to see them.', false],
  ['a piece that is too short', ['the weather in Oslo today'], 'I like the weather here.', false],
  ['nothing in common', ['curl https://example.com/a'], 'A page about cats.', false],
  [
    'pieces hidden among others',
    ['zzzz', 'abcdefghijkl'.repeat(3)],
    `..${'abcdefghijkl'.repeat(2)}..`,
    true,
  ],
] as const)('%s', ([, texts, page, shares]) => {
  expect(sharesText(texts, page)).toBe(shares)
})
