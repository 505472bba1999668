import { assert, nat, property, string, tuple } from 'fast-check'
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

const firstPart = (rest: string): string | undefined => Array.from(rest)[0]
const lastPart = (rest: string): string | undefined => Array.from(rest).at(-1)
