import { array, assert as check, dictionary, jsonValue, nat, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { takeLooked, topLevel } from './top-level.ts'

const filler = 'x'.repeat(20_000)

/** Arrays and objects without their contents, as a first look shows them. */
function emptied(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      if (Array.isArray(value)) return [name, []]
      return [name, typeof value === 'object' && value !== null ? {} : value]
    }),
  )
}

test('a large body shows the members that JSON.parse finds', () => {
  check(
    property(
      dictionary(string({ unit: 'binary' }), jsonValue()),
      nat({ max: 3 }),
      (members, indent) => {
        const source = JSON.stringify({ ...members, filler }, null, indent)
        const expected = emptied(JSON.parse(source) as Record<string, unknown>)
        expect({ ...topLevel(source) }).toEqual(expected)
        expect({ ...topLevel(Buffer.from(source)) }).toEqual(expected)
      },
    ),
  )
})

test('what stands inside strings and nested values is not taken for a member', () => {
  const source = JSON.stringify({
    messages: [{ content: '","model":"evil","stream":true,"x":"', model: 'inner', stream: true }],
    note: '\\","model":"evil"',
    filler,
    model: 'gpt-4.1 “fast”',
    stream: false,
  })
  const found = topLevel(Buffer.from(source))
  expect(found?.['model']).toBe('gpt-4.1 “fast”')
  expect(found?.['stream']).toBe(false)
})

test('what is no JSON object has no members', () => {
  for (const source of ['', 'null', '[1]', '"x"', '{', '<html>', `[${'1,'.repeat(20_000)}1]`]) {
    expect(topLevel(source)).toBeUndefined()
  }
})

test('broken text of any kind ends the look and never throws', () => {
  check(
    property(array(string({ unit: 'binary-ascii' })), (parts) => {
      topLevel(`{"a":${parts.join('"')}${filler}`)
      topLevel(`{${parts.join('"')}${filler}`)
    }),
  )
})

test('a small body that was looked at last is there whole, once, and no other', () => {
  const source = '{"model":"m","messages":[{"role":"user"}]}'
  const bytes = Buffer.from(source)
  topLevel(bytes)
  expect(takeLooked(Buffer.from(source))).toBeUndefined()
  expect(takeLooked(bytes)).toEqual(JSON.parse(source))
  expect(takeLooked(bytes)).toBeUndefined()
  topLevel(source)
  topLevel('no JSON')
  expect(takeLooked(source)).toBeUndefined()
  topLevel(JSON.stringify({ model: 'm', filler }))
  expect(takeLooked(JSON.stringify({ model: 'm', filler }))).toBeUndefined()
})
