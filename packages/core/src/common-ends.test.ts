import { assert, boolean, nat, property, string, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { commonEnd, commonStart, startsAlike } from './common-ends.ts'

const text = string({ unit: 'binary', maxLength: 80 })

test('what two texts have in common is found whatever was guessed, and no character is cut in two', () => {
  assert(
    property(tuple(text, text, text, text), nat(200), nat(200), ([a, b, c, d], start, end) => {
      const [one, other] = [`${a}${b}${d}`, `${a}${c}${d}`]
      const from = commonStart(one, other, start)
      expect(one.slice(0, from)).toBe(other.slice(0, from))
      expect(one.slice(0, from).isWellFormed()).toBe(true)
      expect(startsAlike(one, other, from)).toBe(true)
      expect(firstPart(one.slice(from)) === firstPart(other.slice(from))).toBe(one === other)

      const most = Math.min(one.length, other.length) - from
      const to = commonEnd(one, other, most, end)
      expect(to).toBeLessThanOrEqual(most)
      expect(one.slice(one.length - to)).toBe(other.slice(other.length - to))
      expect(one.slice(one.length - to).isWellFormed()).toBe(true)
      const [left, right] = [one.slice(0, one.length - to), other.slice(0, other.length - to)]
      if (to < most) expect(lastPart(left)).not.toBe(lastPart(right))
    }),
    { numRuns: 2_000 },
  )
})

test('long texts that differ somewhere, begin or end with one another or are empty share what comparing them character by character finds', () => {
  const short = string({ unit: 'binary', maxLength: 12 })
  assert(
    property(
      tuple(short, nat(150), short),
      tuple(nat(), nat(2_000), boolean()),
      tuple(nat(2_500), nat(2_500), nat(2_500)),
      ([piece, times, added], [place, gone, turned], [start, end, most]) => {
        const parts = Array.from(piece.repeat(times))
        const at = place % (parts.length + 1)
        const changed = [...parts.slice(0, at), added, ...parts.slice(at + gone)].join('')
        const [one, other] = turned ? [changed, parts.join('')] : [parts.join(''), changed]

        expect(commonStart(one, other, start)).toBe(naiveStart(one, other))
        const length = Math.min(one.length, other.length, most)
        expect(commonEnd(one, other, length, end)).toBe(naiveEnd(one, other, length))
      },
    ),
    { numRuns: 2_000 },
  )
})

function naiveStart(one: string, other: string): number {
  const others = Array.from(other)
  let length = 0
  for (const [index, part] of Array.from(one).entries()) {
    if (part !== others[index]) break
    length += part.length
  }
  return length
}

function naiveEnd(one: string, other: string, most: number): number {
  const others = Array.from(other)
  let length = 0
  for (const part of Array.from(one).toReversed()) {
    if (part !== others.pop() || length + part.length > most) break
    length += part.length
  }
  return length
}

const firstPart = (rest: string): string | undefined => Array.from(rest)[0]
const lastPart = (rest: string): string | undefined => Array.from(rest).at(-1)
