import { randomUUID } from 'node:crypto'
import { httpHeaders, LlmCall } from '@holdfast/core'
import type { CallEvent, LlmRequest, Message, Part, Run } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import { recogniseCall } from '@holdfast/wire'
import { array, assert, asyncProperty, constantFrom, sample } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send, wireNames } from '../../testing/exchange.ts'
import type { WireName } from '../../testing/exchange.ts'
import { memory } from '../memory.ts'
import type { Memory } from '../memory.ts'
import { memoryMark } from '../remember/gate.ts'
import { memoryLine } from './memory-line.ts'
import type { MemoryLineOptions } from './options.ts'

type Lab = Awaited<ReturnType<typeof startLab>>
let lab: Lab
beforeAll(async () => {
  lab = await startLab({ script: { text: 'Noted.' } })
})
afterAll(() => lab.close())

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] })
const assistant = (...parts: readonly Part[]): Message => ({ role: 'assistant', parts })
const says = (text: string): Message => assistant({ type: 'text', text })
const toolCall: Message = assistant({
  type: 'tool-call',
  id: 'call_1',
  name: 'find_flights',
  arguments: '{"to":"Vienna"}',
})
const toolResult: Message = {
  role: 'tool',
  parts: [
    {
      type: 'tool-result',
      id: 'call_1',
      name: 'find_flights',
      parts: [{ type: 'text', text: 'OS 456 at 9:40' }],
    },
  ],
}

const bodies: Record<WireName, { path: string; body: object }> = {
  'openai-chat': { path: '/v1/chat/completions', body: { model: 'm', messages: [] } },
  'openai-responses': { path: '/v1/responses', body: { model: 'm', input: [] } },
  'anthropic-messages': { path: '/v1/messages', body: { model: 'm', max_tokens: 9, messages: [] } },
  gemini: { path: '/v1beta/models/m:generateContent', body: { contents: [] } },
}

/** A call of that conversation in that format. */
function callOf(
  wire: WireName,
  messages: readonly Message[],
  run: Run | undefined,
  events: CallEvent[] = [],
): LlmCall {
  const { path, body } = bodies[wire]
  const make = (text: string): LlmCall => {
    const http = {
      method: 'POST',
      url: `${lab.url}${path}`,
      headers: httpHeaders({ 'content-type': 'application/json' }),
      body: text,
      signal: undefined,
      layer: 'fetch',
    } as const
    const recognised = recogniseCall(http)
    if (recognised === undefined) throw new Error(`no wire knows ${path}`)
    const { format, provider, facts } = recognised
    return new LlmCall({
      id: randomUUID(),
      format,
      ...facts,
      provider,
      http,
      run,
      signal: new AbortController().signal,
      deadlineAt: undefined,
      resend: 0,
      emit: (event) => events.push(event),
    })
  }
  const empty = make(JSON.stringify(body))
  const written = empty.with({ request: { ...empty.request, messages } })
  // As it arrives from an application: bytes that nobody has read.
  return make(String(written.http.body))
}

/** Agents with memory: makes calls, and tells what has arrived upstream. */
function agents(options: MemoryLineOptions = {}, desk: Memory = memory()) {
  const line = memoryLine(desk, options, (error) => {
    throw error
  })
  const ask = async (wire: WireName, messages: readonly Message[], run: Run | undefined) => {
    const events: CallEvent[] = []
    const call = callOf(wire, messages, run, events)
    let sent: LlmCall | undefined
    const reply = await line(call, (changed) => {
      sent = changed
      return send(changed)
    })
    while ((await reply.next()) !== undefined);
    if (sent === undefined) throw new Error('nothing went out')
    const http = { ...sent.http }
    return { call, sent, events, request: call.format.readRequest(http, 'chat') }
  }
  return { desk, ask }
}

const ada = { id: 'run 1', user: 'ada', session: 's' } satisfies Run
const flight = 'Book me a flight to Vienna, window or aisle as I like it'
const seat = 'I prefer an aisle seat on every flight'

describe.each(wireNames)('%s', (wire) => {
  test('what is known of the user comes with what the user says, and nowhere else', async () => {
    const { desk, ask } = agents()
    await desk.remember({ user: 'ada', text: seat })

    const messages = [user('Hello'), says('Hi'), user(flight), toolCall, toolResult]
    const { request, call } = await ask(wire, messages, ada)

    expect(textsOf(request, 2)).toContain('aisle seat on every flight')
    const others = (from: LlmRequest) => from.messages.filter((_, index) => index !== 2)
    expect(others(request)).toEqual(others(call.request))
    expect(textsOf(request, 2).startsWith(flight)).toBe(true)
  })

  test('without a user nothing is known, and the call goes out as it came', async () => {
    const { desk, ask } = agents()
    await desk.remember({ user: 'ada', text: seat })

    const { sent, call } = await ask(wire, [user(flight)], { id: 'run 1', session: 's' })

    expect(sent.http.body).toBe(call.http.body)
  })

  test('a request begins with the bytes of the one before, whatever was learnt in between', async () => {
    const { desk, ask } = agents()
    await desk.remember({ user: 'ada', text: seat })
    const messages: Message[] = []
    let before: readonly unknown[] = []
    for (const said of [flight, 'Which seat on that flight?', 'And one for the flight back']) {
      messages.push(user(said))
      for (const more of [[], [toolCall, toolResult]]) {
        messages.push(...more)
        const { request } = await ask(wire, messages, ada)
        const now = request.messages.map((message) => JSON.stringify(message))
        expect(now.slice(0, before.length)).toEqual(before)
        before = now
        await desk.remember({ user: 'ada', text: `My ${now.length}th flight went to Graz` })
      }
      messages.push(says('Done.'))
    }
    expect(before.join('').split(memoryMark.open).length - 1).toBeGreaterThan(1)
  })

  test('a conversation that goes on in another process begins with the same bytes there', async () => {
    const desk = memory()
    await desk.remember({ user: 'ada', text: seat })
    const workers = [agents({}, desk), agents({}, desk)]
    const first = await workers[0]?.ask(wire, [user(flight)], ada)
    const messages = [user(flight), says('Done.'), user('And back?')]
    const second = await workers[1]?.ask(wire, messages, { ...ada, id: 'run 2' })

    expect(textsOf(first!.request, 0)).toContain(memoryMark.open)
    expect(second?.request.messages[0]).toEqual(first?.request.messages[0])
  })

  test('a caller that sends the newest message alone gets the conversation back, and once only', async () => {
    const { ask } = agents({ sessionTurns: true })
    const roles = ({ messages }: LlmRequest) => messages.map(({ role }) => role)

    await ask(wire, [user('My order is A-1042.')], ada)
    const alone = await ask(wire, [user('Where is it?')], { ...ada, id: 'run 2' })
    const loop = await ask(wire, [user('Where is it?'), toolCall, toolResult], {
      ...ada,
      id: 'run 2',
    })
    const whole = [user('My order is A-1042.'), says('Noted.'), user('Where is it?')]
    const sendsAll = await ask(wire, whole, { ...ada, id: 'run 3' })
    const other = await ask(wire, [user('Where is it?')], { ...ada, session: 'other' })

    expect(roles(alone.request)).toEqual(['user', 'assistant', 'user'])
    expect(textsOf(alone.request, 0)).toBe('My order is A-1042.')
    expect(roles(loop.request)).toEqual(['user', 'assistant', 'user', 'assistant', 'tool'])
    expect(roles(sendsAll.request)).toEqual(['user', 'assistant', 'user'])
    expect(roles(other.request)).toEqual(['user'])
  })
})

test('what one user says never reaches another one', async () => {
  const { desk, ask } = agents({ sessionTurns: true })
  const people = ['ada', 'bob', 'eve', 'dan']
  const sent = new Map<string, string[]>(people.map((name) => [name, []]))
  const names = sample(constantFrom(...people), { numRuns: 200, seed: 7 })
  const wires = sample(constantFrom(...wireNames), { numRuns: 200, seed: 8 })

  await Promise.all(
    names.map(async (name, index) => {
      const run: Run = { id: `run ${index}`, user: name, session: `s${index % 3}` }
      const said = `My favorite number ${index % 5} is ${name}-${index}. What is my favorite number?`
      await desk.remember({
        user: name,
        text: `The favorite number of ${name} is ${name}-${index}`,
      })
      const { sent: out } = await ask(wires[index] ?? 'gemini', [user(said)], run)
      sent.get(name)?.push(String(out.http.body))
    }),
  )

  let recalled = 0
  for (const [name, requests] of sent) {
    for (const body of requests) {
      recalled += body.includes(memoryMark.open) ? 1 : 0
      for (const other of people) if (other !== name) expect(body).not.toContain(`${other}-`)
    }
  }
  expect(recalled).toBeGreaterThan(50)
})

test('only what the user says is added to: calls and results stay as they are, side by side', async () => {
  const { desk, ask } = agents({ learn: false })
  await desk.remember({ user: 'ada', text: seat })
  const steps: Record<string, readonly Message[]> = {
    question: [user(flight)],
    answer: [says('Done.')],
    tool: [toolCall, toolResult],
    instruction: [{ ...user('Be brief.'), extra: { role: 'system' } }],
    feedback: [says('Action: find_flights'), user('Observation: OS 456 at 9:40, a flight')],
  }
  const conversations = array(constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 8 })
  const check = asyncProperty(conversations, constantFrom(...wireNames), async (names, wire) => {
    const { call, request } = await ask(
      wire,
      [user(flight), ...names.flatMap((name) => steps[name] ?? [])],
      {
        id: randomUUID(),
        user: 'ada',
      },
    )
    const before = call.request.messages
    expect(request.messages.map(({ role }) => role)).toEqual(before.map(({ role }) => role))
    for (const [index, message] of request.messages.entries()) {
      if (JSON.stringify(message) === JSON.stringify(before[index])) continue
      expect(message.role).toBe('user')
      expect(textsOf(request, index)).toMatch(/^Book me .*<holdfast-memory>.*<\/holdfast-memory>$/s)
    }
    expect(JSON.stringify(request)).toContain(memoryMark.open)
  })
  await assert(check, { numRuns: 100 })
})

test('what a user says of themselves is kept, once, and what was recalled is not learnt again', async () => {
  const { desk, ask } = agents()
  const said = 'I am allergic to peanuts.'
  await ask('openai-chat', [user(said)], ada)
  await ask('openai-chat', [user(said), says('Noted.'), user('What about peanuts?')], ada)
  await desk.close()

  const { memories } = await desk.export({ user: 'ada' })
  expect(memories.map(({ text }) => text)).toEqual(['I am allergic to peanuts'])
})

test('the event says what is new to every cache', async () => {
  const { desk, ask } = agents()
  await desk.remember({ user: 'ada', text: seat })
  const first = await ask('gemini', [user(flight)], ada)
  const second = await ask('gemini', [user(flight), toolCall, toolResult], ada)

  const [{ events: one }, { events: other }] = [first, second]
  expect(one).toMatchObject([{ type: 'memory-injected', items: 1, turns: 0 }])
  const { tokens = 0, newTokens } = one[0] as { tokens?: number; newTokens?: number }
  expect(tokens).toBeGreaterThan(20)
  expect(newTokens).toBe(tokens)
  expect(other).toMatchObject([{ type: 'memory-injected', tokens, newTokens: 0 }])
})

function textsOf({ messages }: LlmRequest, index: number): string {
  const parts = messages[index]?.parts ?? []
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}
