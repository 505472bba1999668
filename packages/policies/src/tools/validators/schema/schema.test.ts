import { expect, test } from 'vitest'
import { z } from 'zod'
import { schemaInspector } from './schema.ts'

const json = {
  type: 'object',
  properties: {
    path: { type: 'string', pattern: '^[a-z/]+$' },
    lines: { type: 'integer', minimum: 1 },
  },
  required: ['path'],
  additionalProperties: false,
}

test('arguments that fit a JSON Schema pass', async () => {
  expect(await schemaInspector(json)({ path: 'src/a', lines: 3 })).toMatchObject({
    decision: 'allow',
  })
})

test.each([
  [{}, /path/],
  [{ path: 5 }, /path.*string/],
  [{ path: 'A' }, /pattern/],
  [{ path: 'a', lines: 0 }, /lines/],
  [{ path: 'a', evil: 1 }, /evil/],
  ['text', /object/],
])('%j is refused with a reason that can be acted on', async (input, reason) => {
  const decision = await schemaInspector(json)(input)
  expect(decision.decision).toBe('deny')
  expect(decision.reason).toMatch(reason)
})

test('a Standard Schema says the same', async () => {
  const inspect = schemaInspector(
    z.strictObject({ path: z.string(), lines: z.number().optional() }),
  )
  expect(await inspect({ path: 'a' })).toMatchObject({ decision: 'allow' })
  const refused = await inspect({ path: 1 })
  expect(refused.decision).toBe('deny')
  expect(refused.reason).toMatch(/path/)
})

test('a schema that answers later is waited for', async () => {
  const inspect = schemaInspector(z.string().refine(async (text) => text !== 'taken'))
  expect((await inspect('free')).decision).toBe('allow')
  expect((await inspect('taken')).decision).toBe('deny')
})

test.each([
  { type: 'nonsense' },
  { $ref: 'https://example.com/other.json' },
  { type: 'string', pattern: '(' },
])('the schema %j cannot be used, so its tool is asked for', async (schema) => {
  expect((await schemaInspector(schema)({})).decision).toBe('ask')
})

test('a pattern that is made to be slow is not', async () => {
  const inspect = schemaInspector({ type: 'string', pattern: '^(a+)+$' })
  // A backtracking engine needs longer than the life of this test for the second one.
  expect((await inspect('a'.repeat(2000))).decision).toBe('allow')
  expect((await inspect(`${'a'.repeat(2000)}!`)).decision).toBe('deny')
})

test('one schema is compiled once', () => {
  expect(schemaInspector(json)).toBe(schemaInspector(json))
})
