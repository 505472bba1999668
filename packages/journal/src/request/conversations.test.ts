import { expect, test } from 'vitest'
import { callWithBody } from '../testing/call-with-body.ts'
import { generator } from '../testing/generator.ts'
import { Conversations } from './conversations.ts'
import { recordRequest, requestBody } from './recorded-request.ts'
import type { LlmRecord, ReadEntry } from '../record/entries.ts'
import { fingerprintsOf } from '../run/fingerprints.ts'

const user = (content: string) => ({ role: 'user', content })
const body = (messages: readonly unknown[], more: object = {}) =>
  JSON.stringify({ model: 'm', messages, temperature: 0, ...more })
const fingerprintOf = (text: string, mask?: (text: string) => string) =>
  new Conversations(mask).read(callWithBody(text)).fingerprint

test('what is known of a conversation changes nothing in what it is known by', () => {
  const conversations = new Conversations()
  const messages: unknown[] = []
  for (let turn = 0; turn < 30; turn++) {
    messages.push(user(`turn ${turn} "quoted" \\ ü ${'x'.repeat(turn)}`))
    const text = body(messages)
    expect(conversations.read(callWithBody(text)).fingerprint).toBe(fingerprintOf(text))
  }
})

test('a turn adds its new messages and nothing else', () => {
  const conversations = new Conversations()
  const messages: unknown[] = [user('first')]
  const first = conversations.read(callWithBody(body(messages)))
  expect(first.elements).toHaveLength(1)
  first.recordedAs(7)
  messages.push({ role: 'assistant', content: 'well' }, user('second'))

  const second = conversations.read(callWithBody(body(messages)))

  expect(second).toMatchObject({ keep: 1, extendsBase: true, base: { seq: 7 } })
  expect(second.elements.map((text) => JSON.parse(text) as unknown)).toEqual(messages.slice(1))
})

test('a request that was not recorded is no base: the next one says it all again', () => {
  const conversations = new Conversations()
  conversations.read(callWithBody(body([user('a')]))).recordedAs(1)
  conversations.read(callWithBody(body([user('a'), user('b')])))
  const third = conversations.read(callWithBody(body([user('a'), user('b'), user('c')])))
  expect(third).toMatchObject({ keep: 1, base: { seq: 1 } })
  expect(third.elements).toHaveLength(2)
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
  conversations.read(callWithBody(one)).recordedAs(1)
  expect(conversations.read(callWithBody(other)).fingerprint).toBe(fingerprintOf(other))
})

test('streamed and whole are two requests; text and bytes are one', () => {
  const text = body([user('a “ü”')])
  const conversations = new Conversations()
  const whole = conversations.read(callWithBody(text)).fingerprint
  expect(conversations.read(callWithBody(text, true)).fingerprint).not.toBe(whole)
  expect(conversations.read(callWithBody(new TextEncoder().encode(text))).fingerprint).toBe(whole)
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
  conversations.read(callWithBody(body(start)))
  for (const [id, answer] of [
    ['x', 'one'],
    ['y', 'two'],
    ['x', 'two'],
  ] as const) {
    const text = body(branch(id, answer))
    expect(conversations.read(callWithBody(text)).fingerprint).toBe(fingerprintOf(text))
  }
})

test('what a mask takes out does not count, and is recorded all the same', () => {
  const mask = (text: string) => text.replaceAll(/\d+/g, '#')
  expect(fingerprintOf(body([user('at 10')]), mask)).toBe(
    fingerprintOf(body([user('at 11')]), mask),
  )
  const conversations = new Conversations(mask)
  const asked = conversations.read(callWithBody(body([user('at 10')])))
  expect(asked.elements).toEqual([JSON.stringify(user('at 10'))])
})

test('what is no conversation is known by its whole body', () => {
  for (const text of ['', '[]', '{"input":"text"}', '{"input":[1,2]}', '{"messages":[{"cut', 'x']) {
    const conversations = new Conversations()
    const { fingerprint } = conversations.read(callWithBody(text))
    expect(conversations.read(callWithBody(text)).fingerprint).toBe(fingerprint)
    expect(conversations.read(callWithBody(`${text} `)).fingerprint).not.toBe(fingerprint)
  }
})

test('any conversations side by side, cut, changed and gone on with, are known and recorded as they were', async () => {
  const random = generator(20_261_121)
  const pick = (count: number) => Math.floor(random() * count)
  const texts = ['a', 'b', 'long '.repeat(2_000), '"q"', '\\', '{"x":[1,"]"]}', 'ü\u0000😀']
  const conversations = new Conversations()
  const blobs = new Map<string, string>()
  const known = new Set<string>()
  const records = new Map<number, LlmRecord>()
  const recordedTexts = new Map<number, string>()
  let branches: unknown[][] = [[]]
  for (let seq = 0; seq < 600; seq++) {
    const at = pick(branches.length)
    const messages = [...(branches[at] ?? [])]
    const roll = random()
    if (roll < 0.1) messages.splice(pick(messages.length + 1))
    else if (roll < 0.2 && messages.length > 0) messages[pick(messages.length)] = user('changed')
    for (let more = pick(3); more >= 0; more--) {
      messages.push(user(texts[pick(texts.length)] ?? ''))
    }
    if (roll > 0.9) branches = [...branches, messages].slice(-12)
    else branches[at] = messages
    const text = body(messages, roll > 0.5 ? {} : { tools: ['t'.repeat(pick(3) * 3_000)] })

    const asked = conversations.read(callWithBody(text))

    // Of some nobody asks it, until one goes on from them.
    if (random() < 0.5) expect(asked.fingerprint).toBe(fingerprintOf(text))
    const { request, blobs: added } = recordRequest(asked, known)
    // Some requests fail, and are never recorded.
    if (random() < 0.2) continue
    for (const { hash, content } of added) blobs.set(hash, String(content))
    for (const { hash } of added) known.add(hash)
    const record = { format: 'plain', operation: 'chat', model: 'm', streaming: false, request }
    records.set(seq, record as unknown as LlmRecord)
    recordedTexts.set(seq, text)
    asked.recordedAs(seq)
    await expect(
      requestBody(
        record as unknown as LlmRecord,
        (before) => records.get(before),
        async (hash) => blobs.get(hash),
      ),
    ).resolves.toBe(text)
  }
  const entries = [...records].map(([seq, data]) => ({ kind: 'llm', seq, data }) as ReadEntry)
  const fingerprints = await fingerprintsOf(entries, async (hash) => blobs.get(hash))
  expect([...fingerprints]).toEqual(
    [...recordedTexts].map(([seq, text]) => [seq, fingerprintOf(text)]),
  )
})
