import type { Message, Part } from '@holdfast/core'
import { expect, test } from 'vitest'
import { Losses } from './losses.ts'
import type { FitRules } from './rules.ts'
import { fitMessages } from './turns.ts'

const rules: FitRules = {
  ids: { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 20 },
  toolName: /^\w+$/,
  systemInside: false,
  userFirstAndLast: true,
  errorFlag: true,
  resultNames: false,
  resultMedia: false,
  refusals: false,
  strictTools: true,
  parameters: new Set(),
  media: (part) => part,
}

function fit(messages: readonly Message[], changes: Partial<FitRules> = {}) {
  const losses = new Losses()
  const fitted = fitMessages(messages, { ...rules, ...changes }, losses)
  return { messages: fitted, lost: losses.list.map(({ what }) => what) }
}

const says = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] })
const answers = (...parts: Part[]): Message => ({ role: 'assistant', parts })
const call = (id: string, json = '{}'): Part => ({
  type: 'tool-call',
  id,
  name: 'f',
  arguments: json,
})
const result = (id: string, text: string, more: object = {}): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', id, parts: [{ type: 'text', text }], ...more }],
})
const idsOf = (messages: readonly Message[]): string[] =>
  messages.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      part.type === 'tool-call' || part.type === 'tool-result' ? [part.id] : [],
    ),
  )

test('calls that stand in messages of their own become one turn, their results the beginning of the next', () => {
  const { messages, lost } = fit([
    says('Go'),
    answers(call('a')),
    answers(call('b')),
    result('b', 'two'),
    result('a', 'one'),
    says('Well?'),
  ])

  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(idsOf(messages)).toEqual(['a', 'b', 'a', 'b'])
  expect(messages[2]?.parts.map(({ type }) => type)).toEqual(['tool-result', 'tool-result', 'text'])
  expect(lost).toEqual([])
})

test('an id that the provider refuses is made anew, the same every time, for the call and its result', () => {
  const conversation = [
    says('Go'),
    answers(call('functions.f:0')),
    result('functions.f:0', 'one'),
    answers(call('x'.repeat(40))),
    result('x'.repeat(40), 'two'),
  ]
  const ids = idsOf(fit(conversation).messages)

  expect(ids[0]).toMatch(/^call_[0-9a-f]{24}$/)
  expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]])
  expect(idsOf(fit([...conversation, says('More')]).messages)).toEqual(ids)
})

test('ids that are missing or there twice get one each, and results find their calls', () => {
  const { messages } = fit([
    says('Go'),
    answers(call('', '{"n":1}'), call('', '{"n":2}')),
    result('', 'one'),
    result('', 'two'),
    answers(call('same')),
    result('same', 'three'),
    answers(call('same')),
    result('same', 'four'),
  ])
  const ids = idsOf(messages)

  expect(new Set(ids).size).toBe(4)
  expect(ids).toEqual([ids[0], ids[1], ids[0], ids[1], ids[4], ids[4], ids[6], ids[6]])
})

test('a call without a result is closed with one that says so, a result without a call becomes a text', () => {
  const { messages, lost } = fit([
    says('Go'),
    answers(call('a'), call('b')),
    result('b', 'two'),
    result('z', 'nobody asked'),
    answers({ type: 'text', text: 'Hm.' }),
    says('And?'),
  ])

  expect(messages[2]).toEqual({
    role: 'user',
    parts: [
      {
        type: 'tool-result',
        id: 'a',
        parts: [{ type: 'text', text: 'No result: the call was never answered.' }],
        isError: true,
      },
      { type: 'tool-result', id: 'b', parts: [{ type: 'text', text: 'two' }] },
      { type: 'text', text: 'Result of a tool:' },
      { type: 'text', text: 'nobody asked' },
    ],
  })
  expect(lost).toEqual(['tool result without call', 'tool call without result'])
})

test('a result that comes later than it should is put where it belongs', () => {
  const { messages, lost } = fit([
    says('Go'),
    answers(call('a')),
    says('Hurry'),
    answers({ type: 'text', text: 'Soon.' }),
    result('a', 'late'),
  ])

  expect(messages[2]?.parts).toMatchObject([{ type: 'tool-result', id: 'a' }, { text: 'Hurry' }])
  expect(lost).toEqual(['answer begun by the application'])
})

test('reasoning stays with the model that reasoned, and a turn of nothing else leaves no trace', () => {
  const { messages, lost } = fit([
    says('One'),
    answers({ type: 'reasoning', text: 'hm', signature: 'sig' }),
    says('Two'),
  ])

  expect(messages).toEqual([
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'One' },
        { type: 'text', text: 'Two' },
      ],
    },
  ])
  expect(lost).toEqual(['reasoning of earlier turns'])
})

test('a system message in mid-conversation keeps its role where the provider knows one', () => {
  const told: Message = { ...says('Be brief'), extra: { role: 'developer' } }
  const conversation = [says('One'), told, says('Two')]

  expect(fit(conversation, { systemInside: true })).toEqual({ messages: conversation, lost: [] })
  expect(fit(conversation)).toEqual({
    messages: [
      { role: 'user', parts: ['One', 'Be brief', 'Two'].map((text) => ({ type: 'text', text })) },
    ],
    lost: ['system message in mid-conversation'],
  })
})

test("an image in a result follows as the user's where results hold only text", () => {
  const image: Part = { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AA==' }
  const shown = result('a', 'see', { parts: [{ type: 'text', text: 'see' }, image] })
  const conversation = [says('Go'), answers(call('a')), shown]

  const { messages, lost } = fit(conversation)

  expect(messages[2]?.parts).toEqual([
    { type: 'tool-result', id: 'a', parts: [{ type: 'text', text: 'see' }] },
    { type: 'text', text: 'From the result of f (a):' },
    image,
  ])
  expect(lost).toEqual(['media in a tool result'])
  expect(fit(conversation, { resultMedia: true }).lost).toEqual([])
})

test('the user begins and ends where the provider wants it so', () => {
  const { messages, lost } = fit([answers({ type: 'text', text: 'Once upon' })])

  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(lost).toEqual(['answer begun by the application', 'no word of the user at the beginning'])
})

test('arguments that are no object are kept where the model can read them', () => {
  const { messages, lost } = fit([says('Go'), answers(call('a', '4 + 4')), result('a', '8')])

  expect(messages[1]?.parts).toMatchObject([{ arguments: '{"arguments":"4 + 4"}' }])
  expect(lost).toEqual(['tool arguments that are no JSON object'])
})
