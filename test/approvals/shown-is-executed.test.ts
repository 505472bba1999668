import { canonicalArguments } from '@holdfast/core'
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  integer,
  jsonValue,
  oneof,
  string,
} from 'fast-check'
import { instrument, tool } from 'holdfast'
import type { Holdfast } from 'holdfast'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

let holdfast: Holdfast
/** Texts that a person has seen and allowed, and texts that were executed. */
const shown: string[] = []
const executed: string[] = []
/** What happens between asking and answering. */
let meanwhile: () => void = () => {}
let answer: 'approve' | 'deny' | { readonly edited: unknown } = 'approve'

beforeAll(() => {
  holdfast = instrument({
    telemetry: false,
    reliability: false,
    security: false,
    adapters: false,
    approvals: { channels: [] },
    tools: {
      preset: 'guarded',
      rules: [{ name: 'test.act', tool: 'act', verdict: 'ask', reason: 'It acts.' }],
    },
  })
  holdfast.approvals.onRequest(async ({ record, approve, deny }) => {
    meanwhile()
    if (answer === 'deny') {
      await deny()
      return
    }
    const edited = answer === 'approve' ? undefined : { arguments: answer.edited }
    const { editedText, argumentsText } = await approve(edited)
    expect(record.argumentsText).toBe(argumentsText)
    shown.push(editedText ?? argumentsText)
  })
})
afterAll(() => holdfast.uninstrument())
beforeEach(() => {
  shown.length = executed.length = 0
  meanwhile = () => {}
  answer = 'approve'
})

const act = tool({ name: 'act' }, async (given: unknown) => {
  executed.push(canonicalArguments(given).text)
  return 'done'
})

let runs = 0
const inRun = <T>(work: () => T): T => holdfast.run({ id: `run ${++runs}` }, work)

const members = dictionary(string({ minLength: 1, unit: 'binary' }), jsonValue(), { maxKeys: 5 })

/** Ways to hand over arguments that say one thing when they are read and another one later. */
const disguises: Readonly<Record<string, (given: Record<string, unknown>) => unknown>> = {
  'as they are': (given) => given,
  'as text': (given) => JSON.stringify(given),
  'as text with a member twice': (given) => `{"x":"first","x":${JSON.stringify(given)}}`,
  'members in another order': (given) => Object.fromEntries(Object.entries(given).toReversed()),
  'changed after asking'(given) {
    const copy = { ...given }
    meanwhile = () => Object.assign(copy, { evil: true })
    return copy
  },
  'changed deep inside after asking'(given) {
    const deep = { list: [given] }
    meanwhile = () => void deep.list.push({ evil: true })
    return deep
  },
  'a getter that counts'(given) {
    let reads = 0
    return Object.defineProperty({ ...given }, 'reads', { enumerable: true, get: () => ++reads })
  },
  'a toJSON that counts'(given) {
    let reads = 0
    return { ...given, toJSON: () => ({ ...given, reads: ++reads }) }
  },
  'a proxy that lies later'(given) {
    let isLate = false
    meanwhile = () => (isLate = true)
    const get = (target: object, name: string | symbol): unknown =>
      isLate && typeof name === 'string' ? 'evil' : Reflect.get(target, name)
    return new Proxy({ ...given, note: 'good' }, { get })
  },
  'members of a prototype': (given) => Object.assign(Object.create({ inherited: 'evil' }), given),
  'what JSON does not say': (given) => ({
    ...given,
    when: new Date(0),
    map: new Map([['evil', true]]),
    nothing: undefined,
    hidden: () => 'evil',
    [Symbol('evil')]: true,
    number: Number.NaN,
    zero: -0,
  }),
  '__proto__ as a member': (given) =>
    JSON.parse(
      JSON.stringify({ ...given })
        .replace(/^\{/, '{"__proto__":{"a":1},')
        .replace(',}', '}'),
    ),
}

test('no argument is executed other than the one shown', async () => {
  await assert(
    asyncProperty(members, constantFrom(...Object.keys(disguises)), async (given, name) => {
      shown.length = executed.length = 0
      meanwhile = () => {}
      await inRun(() => act(disguises[name]?.(given)))
      expect(executed).toHaveLength(1)
      expect(executed).toEqual(shown)
    }),
    { numRuns: 400 },
  )
})

test('other arguments that a person writes are what is executed, and nothing else', async () => {
  await assert(
    asyncProperty(members, members, async (given, edited) => {
      shown.length = executed.length = 0
      answer = { edited }
      await inRun(() => act(given))
      expect(executed).toEqual([canonicalArguments(edited).text])
      expect(executed).toEqual(shown)
    }),
    { numRuns: 100 },
  )
})

test('an approval is good for one call of several equal ones, in any order and any disguise', async () => {
  await assert(
    asyncProperty(
      members,
      array(constantFrom('as they are', 'as text', 'members in another order'), {
        minLength: 2,
        maxLength: 4,
      }),
      integer({ min: 0, max: 3 }),
      async (given, names, index) => {
        shown.length = executed.length = 0
        answer = 'deny'
        let count = 0
        meanwhile = () => (answer = count++ === index ? 'approve' : 'deny')
        await inRun(() => Promise.all(names.map((name) => act(disguises[name]?.(given)))))
        expect(executed.length).toBeLessThanOrEqual(shown.length)
        expect(shown).toHaveLength(index < names.length ? 1 : 0)
        expect(executed).toEqual(shown)
      },
    ),
    { numRuns: 100 },
  )
})

const lookalikes = oneof(
  constantFrom(
    ['/tmp/a', '/tmp/\u0430'],
    ['é', 'e\u0301'],
    ['a', 'a\u200b'],
    ['rm a', 'rm\u00a0a'],
    ['ﬁ', 'fi'],
    ['1', 1],
    [1, 1.0000000000000002],
    [9007199254740992, '9007199254740993'],
    [null, 'null'],
    [[], {}],
  ),
)

test('an approval of one text is none for a text that looks like it', async () => {
  await assert(
    asyncProperty(lookalikes, async ([one, other]) => {
      shown.length = executed.length = 0
      let count = 0
      meanwhile = () => (answer = count++ === 0 ? 'approve' : 'deny')
      await inRun(async () => {
        await act({ given: one })
        await act({ given: other })
      })
      expect(count).toBe(2)
      expect(executed).toEqual([canonicalArguments({ given: one }).text])
    }),
    { numRuns: 30 },
  )
})

test('one rejected call of a parallel batch does not drop the others', async () => {
  let count = 0
  meanwhile = () => (answer = count++ === 1 ? 'deny' : 'approve')
  const answers = await inRun(() => Promise.all([1, 2, 3].map((step) => act({ step }))))
  expect(answers).toEqual(['done', expect.stringContaining('Tool call refused: act'), 'done'])
  expect(executed.toSorted()).toEqual(['{"step":1}', '{"step":3}'])
})
