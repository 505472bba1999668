import { expect, test } from 'vitest'
import { callWithBody } from '../testing/call-with-body.ts'
import { Conversations, requestOf } from './conversations.ts'

const asked = (text: string | Uint8Array, streaming = false) =>
  requestOf(callWithBody(text, streaming))
const user = (content: string) => ({ role: 'user', content })
const body = (messages: readonly unknown[], more: object = {}) =>
  JSON.stringify({ model: 'm', messages, temperature: 0, ...more })
const fingerprintOf = (text: string, mask?: (text: string) => string) =>
  new Conversations(mask).read(asked(text)).fingerprint

test('what is known of a conversation changes nothing in what it is known by', () => {
  const conversations = new Conversations()
  const messages: unknown[] = []
  for (let turn = 0; turn < 30; turn++) {
    messages.push(user(`turn ${turn} "quoted" \\ ü ${'x'.repeat(turn)}`))
    const text = body(messages)
    expect(conversations.read(asked(text)).fingerprint).toBe(fingerprintOf(text))
  }
})

test('what a request goes on from is the latest record of its conversation', () => {
  const conversations = new Conversations()
  conversations.read(asked(body([user('a')]))).recordedAs(1)
  // This one fails, and is not recorded.
  conversations.read(asked(body([user('a'), user('b')])))
  const third = conversations.read(asked(body([user('a'), user('b'), user('c')])))
  expect(third.base).toMatchObject({ seq: 1, whole: true })
  third.recordedAs(2)
  const branch = conversations.read(asked(body([user('a'), user('b'), user('d')])))
  expect(branch.base).toMatchObject({ seq: 2, whole: false })
})

test.for<[string, string, string]>([
  ['another model', body([user('a')]), body([user('a')], { model: 'n' })],
  ['another parameter', body([user('a')]), body([user('a')], { temperature: 1 })],
  ['other tools', body([user('a')], { tools: [] }), body([user('a')], { tools: [{ a: 1 }] })],
  ['another message', body([user('a')]), body([user('b')])],
  ['messages in another order', body([user('a'), user('b')]), body([user('b'), user('a')])],
  ['a message cut in two', body([user('ab')]), body([user('a'), user('b')])],
  ['a message more', body([user('a')]), body([user('a'), user('a')])],
  ['no messages', body([]), body([user('a')])],
])('%s is another request', ([, one, other]) => {
  expect(fingerprintOf(one)).not.toBe(fingerprintOf(other))
  // Also where the other one is known already.
  const conversations = new Conversations()
  conversations.read(asked(one)).recordedAs(1)
  expect(conversations.read(asked(other)).fingerprint).toBe(fingerprintOf(other))
})

test('streamed and whole are two requests; text and bytes are one', () => {
  const text = body([user('a “ü”')])
  const conversations = new Conversations()
  const whole = conversations.read(asked(text)).fingerprint
  expect(conversations.read(asked(text, true)).fingerprint).not.toBe(whole)
  expect(conversations.read(asked(new TextEncoder().encode(text))).fingerprint).toBe(whole)
})

const withCalls = (one: string, other: string, results = [one, other]) =>
  body([
    user('a'),
    {
      role: 'assistant',
      tool_calls: [
        { id: one, function: { name: 'f', arguments: '{}' } },
        { id: other, function: { name: 'f', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: results[0], content: 'x' },
    { role: 'tool', tool_call_id: results[1], content: 'y' },
  ])

test('tool-call ids do not count, but which result belongs to which call does', () => {
  const usual = fingerprintOf(withCalls('call_1', 'call_2'))
  expect(fingerprintOf(withCalls('other_7', 'other_8'))).toBe(usual)
  expect(fingerprintOf(withCalls('call_1', 'call_2', ['call_2', 'call_1']))).not.toBe(usual)
})

test('the ids of Anthropic and Gemini do not count either; an argument of that name does', () => {
  const anthropic = (id: string, order: string) =>
    body([
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id, name: 'cancel', input: { id: order } }],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] },
    ])
  expect(fingerprintOf(anthropic('toolu_1', '42'))).toBe(fingerprintOf(anthropic('toolu_2', '42')))
  expect(fingerprintOf(anthropic('toolu_1', '42'))).not.toBe(
    fingerprintOf(anthropic('toolu_1', '43')),
  )
  const gemini = (id: string) =>
    JSON.stringify({
      contents: [{ role: 'model', parts: [{ functionCall: { id, name: 'f', args: {} } }] }],
    })
  expect(fingerprintOf(gemini('1'))).toBe(fingerprintOf(gemini('2')))
})

test('two conversations that part ways after new ids keep them apart', () => {
  const conversations = new Conversations()
  const start = [user('a')]
  const branch = (id: string, answer: string) => [
    ...start,
    { role: 'assistant', tool_calls: [{ id, function: { name: 'f', arguments: answer } }] },
    { role: 'tool', tool_call_id: id, content: answer },
  ]
  conversations.read(asked(body(start)))
  for (const [id, answer] of [
    ['x', 'one'],
    ['y', 'two'],
    ['x', 'two'],
  ] as const) {
    const text = body(branch(id, answer))
    expect(conversations.read(asked(text)).fingerprint).toBe(fingerprintOf(text))
  }
})

test('what a mask takes out does not count', () => {
  const mask = (text: string) => text.replaceAll(/\d+/g, '#')
  expect(fingerprintOf(body([user('at 10')]), mask)).toBe(
    fingerprintOf(body([user('at 11')]), mask),
  )
})

test('what is no conversation is known by its whole body', () => {
  for (const text of ['', '[]', '{"input":"text"}', '{"input":[1,2]}', '{"messages":[{"cut', 'x']) {
    const conversations = new Conversations()
    const { fingerprint } = conversations.read(asked(text))
    expect(conversations.read(asked(text)).fingerprint).toBe(fingerprint)
    expect(conversations.read(asked(`${text} `)).fingerprint).not.toBe(fingerprint)
  }
})
