import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadEncoding } from './encoding.ts'
import { estimateText } from './estimate-text.ts'

test.each([
  [
    'prose',
    "The ferry leaves at noon, and it doesn't wait: whoever is late takes the bridge. We've asked twice whether the timetable could be printed larger, because half of the passengers can't read it in the evening.",
  ],
  [
    'JSON',
    '{"orders":[{"orderId":"A-1042","customer_name":"Ines","lines":3,"isPaid":true},{"orderId":"A-1043","customer_name":"Tomas","lines":12,"isPaid":false}],"nextPage":null}',
  ],
  [
    'code',
    'export function totalOf(lines: readonly Line[]): number {\n  let total = 0\n  for (const { price, count } of lines) total += price * count\n  return Math.round(total)\n}\n',
  ],
  ['numbers', 'Readings: 12, 1045, 7, 88213 and 2026 of 10000, then 3.14159.'],
])('of %s it is near what a tokeniser counts', async (_, text) => {
  const count = await loadEncoding('o200k_base')
  const tokens = count(text)
  expect(Math.abs(estimateText(text) - tokens) / tokens).toBeLessThan(0.12)
})

test('numbers are longer where each digit is a token', () => {
  expect(estimateText('call 5550123', 1) - estimateText('call 5550123', 3)).toBe(4)
})

test('of any text it is a number that grows with it, and no larger than the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
      const estimate = estimateText(one)
      expect(estimate).toBeGreaterThanOrEqual(0)
      // A blank before a number is a token that neither of them has alone.
      expect(estimate).toBeLessThanOrEqual(one.length * 1.5 + 1)
      expect(estimateText(`${one}\nword\n${other}`)).toBeGreaterThan(estimate)
    }),
  )
})
