import { expect, test } from 'vitest'
import { canonicalArguments } from './canonical-arguments.ts'

test('the order of members does not matter, at any depth', () => {
  const one = canonicalArguments({ b: [{ y: 1, x: 2 }], a: 'text' })
  const other = canonicalArguments({ a: 'text', b: [{ x: 2, y: 1 }] })
  expect(one).toEqual(other)
  expect(one.text).toBe('{"a":"text","b":[{"x":2,"y":1}]}')
})

test('JSON text is the value that it says', () => {
  expect(canonicalArguments('{"b":1,"a":2}')).toEqual(canonicalArguments({ a: 2, b: 1 }))
})

test('other values, and other order in a list, are other arguments', () => {
  const hashes = [{ a: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }, 'a', undefined, {}].map(
    (given) => canonicalArguments(given).hash,
  )
  expect(new Set(hashes).size).toBe(hashes.length)
})

test('a member named __proto__ counts like any other', () => {
  const hidden: unknown = JSON.parse('{"__proto__":{"path":"/etc"},"a":1}')
  expect(canonicalArguments(hidden).text).toBe('{"__proto__":{"path":"/etc"},"a":1}')
})
