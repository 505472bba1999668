import { randomUUID } from 'node:crypto'
import { LlmCall } from '@holdfast/core'
import { inProcessMemoryStore } from '@holdfast/core/memory'
import type { CallEvent, LlmRequest, Message, Run } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import type { Lab, WireName } from '@holdfast/lab'
import { formats, recogniseCall } from '@holdfast/wire'
import { expect, test } from 'vitest'
import { send } from '../testing/exchange.ts'
import { context } from './context.ts'
import type { ContextOptions } from './options.ts'

const wires = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const

/** A task, and so many rounds of a tool that answers at length. */
function conversationOf(rounds: number, { perResult = 4_000 } = {}): Message[] {
  const messages: Message[] = [
    { role: 'user', parts: [{ type: 'text', text: 'The task: count.' }] },
  ]
  for (let round = 0; round < rounds; round++) {
    const id = `call_${round}`
    const call = { type: 'tool-call', id, name: 'read', arguments: `{"page":${round}}` } as const
    const extra = { thoughtSignature: 'c2ln' }
    const text = `page ${round}: ${'words of it '.repeat(perResult / 12)}`
    messages.push(
      { role: 'assistant', parts: [{ ...call, extra }] },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', id, name: 'read', parts: [{ type: 'text', text }] }],
      },
    )
  }
  return messages
}

function callOf(lab: Lab, wire: WireName, messages: Message[], streaming = false, run?: Run) {
  const format = formats.find(({ name }) => name === wire)
  if (format?.composeRequest === undefined) throw new Error(wire)
  const request: LlmRequest = {
    model: 'test-model',
    system: [{ type: 'text', text: 'Be brief.' }],
    messages:
      wire === 'gemini'
        ? messages
        : messages.map((message) => ({
            ...message,
            parts: message.parts.map((part) =>
              part.type === 'tool-call'
                ? { type: part.type, id: part.id, name: part.name, arguments: part.arguments }
                : part,
            ),
          })),
    tools: [
      { name: 'read', parameters: { type: 'object', properties: { page: { type: 'number' } } } },
    ],
    stream: streaming,
    maxOutputTokens: 500,
    extra: {},
  }
  const { url, headers, body } = format.composeRequest(request)
  const http = {
    method: 'POST',
    url: `${lab.url}${new URL(url).pathname}${new URL(url).search}`,
    headers,
    body,
    signal: undefined,
    layer: 'fetch' as const,
  }
  const recognised = recogniseCall(http)
  if (recognised === undefined) throw new Error(http.url)
  const events: CallEvent[] = []
  const call = new LlmCall({
    id: randomUUID(),
    format: recognised.format,
    ...recognised.facts,
    provider: recognised.provider,
    http,
    run,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit: (event) => events.push(event),
  })
  return { call, events }
}

const small: ContextOptions = { windows: { 'test-model': { windowTokens: 16_000 } } }

test.each(wires)('nothing changes while nothing is wrong: %s', async (wire) => {
  await using lab = await startLab()
  const { call, events } = callOf(lab, wire, conversationOf(6))
  let sent: LlmCall | undefined
  await context(small)(call, (inner) => send((sent = inner)))
  expect(sent).toBe(call)
  expect(events).toEqual([])
})

test.each(wires)(
  'a conversation that is too long goes out shorter, the same from turn to turn: %s',
  async (wire) => {
    await using lab = await startLab()
    const line = context(small)
    const bodies: string[] = []
    const told: CallEvent[] = []
    for (let rounds = 40; rounds < 46; rounds++) {
      const { call, events } = callOf(lab, wire, conversationOf(rounds, { perResult: 2_000 }))
      const reply = await line(call, (inner) => {
        bodies.push(String(inner.http.body))
        return send(inner)
      })
      expect(reply.status).toBe(200)
      told.push(...events)
    }
    expect(told.map((event) => event.type)).toEqual(['context-compacted'])
    for (const [at, body] of bodies.entries()) {
      expect(body.length).toBeLessThan(16_000 * 4)
      expect(body).toContain('The task: count.')
      expect(body).toContain(`page ${39 + at}: words`)
      const before = bodies[at - 1]
      const end =
        before === undefined ? 0 : before.lastIndexOf(']', before.indexOf('page 39: words'))
      if (before !== undefined) expect(body.slice(0, end)).toBe(before.slice(0, end))
    }
  },
)

test.each(wires)(
  'a call that the provider calls too long is made shorter and sent once more: %s',
  async (wire) => {
    await using lab = await startLab({ script: [{ fault: 'context-length' }, { text: 'fine' }] })
    const { call, events } = callOf(lab, wire, conversationOf(20))
    const reply = await context()(call, send)
    expect(reply.status).toBe(200)
    expect(lab.requests).toHaveLength(2)
    const [first, second] = lab.requests.map(({ body }) => JSON.stringify(body).length)
    expect(second).toBeLessThan((first ?? 0) * 0.8)
    expect(events).toMatchObject([
      { type: 'context-compacted', reason: 'overflow', enforced: true },
    ])
  },
)

test('what cannot be made shorter is refused, with its counts', async () => {
  await using lab = await startLab()
  const text = 'all of it matters. '.repeat(10_000)
  const { call } = callOf(lab, 'openai-chat', [{ role: 'user', parts: [{ type: 'text', text }] }])
  const gpt = call.with({ model: 'gpt-4o' })
  const line = context({ windows: { 'gpt-4o': { windowTokens: 16_000 } } })
  await expect(line(gpt, send)).rejects.toThrow(/CONTEXT_TOO_LONG.*50\d\d\d tokens.*15500/)
  expect(lab.requests).toHaveLength(0)
})

test.each(wires)('what is left out is summarised by a cheap model first: %s', async (wire) => {
  const usage = { inputTokens: 900, outputTokens: 9 }
  await using lab = await startLab({ script: [{ text: 'Pages 0 to 30 were read.', usage }, {}] })
  const { call, events } = callOf(lab, wire, conversationOf(60, { perResult: 1_200 }), true)
  const line = context({ ...small, summarise: { model: 'cheap-model' } })
  const reply = await line(call, send)
  expect(reply.status).toBe(200)
  const [asked, sent] = lab.requests.map(({ body }) => JSON.stringify(body))
  expect(lab.requests.map(({ model }) => model)).toEqual(['cheap-model', 'test-model'])
  expect(asked).toContain('page 1: words of it')
  expect(asked).not.toContain('tool_calls')
  expect(sent).toContain('Pages 0 to 30 were read.')
  expect(events).toMatchObject([
    { by: 'context.summary', model: 'cheap-model', usage },
    { strategies: ['summarise'] },
  ])
})

test('a summary that cannot be had is gone without', async () => {
  await using lab = await startLab()
  const { call, events } = callOf(lab, 'openai-chat', conversationOf(60, { perResult: 1_200 }))
  const by = () => Promise.reject(new Error('no'))
  const reply = await context({ ...small, summarise: { by } })(call, send)
  expect(reply.status).toBe(200)
  expect(events).toMatchObject([{ type: 'context-compacted' }])
  expect(lab.requests).toHaveLength(1)
})

const ways = wires.flatMap((wire) => [
  { wire, streaming: true },
  { wire, streaming: false },
])

test.each(ways)(
  'the model reads what was left out, and nobody else hears of it: $wire, streamed $streaming',
  async ({ wire, streaming }) => {
    const toolCalls = [{ name: 'context_recall', arguments: { query: 'page 3' } }]
    await using lab = await startLab({ script: [{ toolCalls }, { text: 'It was in page 3.' }] })
    const { call, events } = callOf(lab, wire, conversationOf(60, { perResult: 1_200 }), streaming)
    const reply = await context({ ...small, recall: true })(call, send)
    let text = ''
    for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
      text += Buffer.from(frame.bytes).toString()
    }
    const [first, second] = lab.requests.map(({ body }) => JSON.stringify(body))
    expect(first).toContain('context_recall')
    expect(first).not.toContain('page 3: words')
    expect(second).toContain('page 3: words')
    expect(text).toContain('page')
    // Responses repeats the tools that it was offered; nobody is told to call one.
    expect(text).not.toMatch(/"(?:tool_calls|function_call|tool_use|functionCall)"/)
    expect(lab.requests).toHaveLength(2)
    expect(events.at(-1)).toMatchObject({ type: 'reply-kept-back', by: 'context.recall' })
  },
)

test('what was left out can be read after a restart, and the conversation begins as it did', async () => {
  const toolCalls = [{ name: 'context_recall', arguments: { query: 'page 3' } }]
  await using lab = await startLab({
    script: [
      { text: 'Pages were read.' },
      {},
      {},
      {},
      {},
      {},
      { toolCalls },
      { text: 'It was page 3.' },
    ],
  })
  const store = inProcessMemoryStore()
  const options = { ...small, recall: true, summarise: {} } as const
  const restarted = () => context(options, { cuts: { store: () => store } })
  const asked = (rounds: number, session: string) => {
    const messages = conversationOf(rounds, { perResult: 1_200 })
    return callOf(lab, 'openai-chat', messages, false, { id: 'r', user: 'ada', session }).call
  }
  const before = restarted()
  await before(asked(60, 's'), send)
  await before(asked(61, 's'), send)
  await restarted()(asked(62, 's'), send)
  await restarted()(asked(62, 'another'), send)
  await restarted()(asked(63, 's'), send)
  const bodies = lab.requests.map(({ body }) => JSON.stringify(body))
  const isSummary = bodies.map((body) => body.includes('<conversation>'))
  expect(isSummary).toEqual([true, false, false, false, true, false, false, false])
  const [, first = '', second = '', third = ''] = bodies
  const start = first.slice(first.indexOf('"messages":'), first.indexOf('],"tools":'))
  expect(first).toContain('Pages were read.')
  expect(second).toContain(start)
  expect(third).toContain(start)
  expect(bodies.at(-1)).toContain('page 3: words')
  const kept = await store.list({ user: 'ada', session: 'holdfast-context:s' })
  expect(kept).toHaveLength(1)
})

test('what does not help is not tried at every turn', async () => {
  await using lab = await startLab()
  let tried = 0
  // Pinned, it cannot be left out; a little of it can.
  const line = context({
    ...small,
    pin: ({ parts }) => (tried++, JSON.stringify(parts).length > 900),
  })
  const triedIn: number[] = []
  for (let rounds = 14; rounds < 20; rounds++) {
    tried = 0
    const { call } = callOf(lab, 'openai-chat', conversationOf(rounds, { perResult: 3_000 }))
    await line(call, send)
    triedIn.push(tried)
  }
  expect(triedIn.some((times) => times > 0)).toBe(true)
  expect(triedIn.filter((times) => times === 0).length).toBeGreaterThanOrEqual(2)
})

test('a bug of the policy harms no call', async () => {
  await using lab = await startLab()
  const bugs: unknown[] = []
  const broken = () => {
    throw new Error('broken')
  }
  const line = context({ ...small, pin: broken }, { bug: (error) => bugs.push(error) })
  const { call } = callOf(lab, 'openai-chat', conversationOf(40))
  expect((await line(call, send)).status).toBe(200)
  expect(bugs).toHaveLength(1)
})
