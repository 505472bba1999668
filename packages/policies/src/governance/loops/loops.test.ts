import { childRun } from '@holdfast/core'
import type { CallEvent, LlmCall, Run } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { callTo, send, wireNames } from '../../testing/exchange.ts'
import type { WireName } from '../../testing/exchange.ts'
import type { Escalation } from '../escalation.ts'
import { aroundCall, governance } from '../governance.ts'
import type { LoopOptions } from './options.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab.close())

/** A model that makes the calls one after the other, and the framework around it that answers them. */
interface Agent {
  readonly wire?: WireName
  readonly streaming?: boolean
  readonly run?: Run | undefined
  /** Name, argument and result of each call. */
  readonly calls: readonly (readonly [name: string, argument: string, result: string])[]
  /** The conversation is cut down to its beginning and the last call before this request. */
  readonly compactAt?: readonly number[]
}

interface Worked {
  readonly error: unknown
  readonly events: readonly CallEvent[]
  readonly bodies: readonly string[]
  readonly decisions: readonly string[]
  readonly escalations: readonly Escalation[]
}

async function work(loops: LoopOptions, agent: Agent): Promise<Worked> {
  const { wire = 'openai-chat', streaming = true, calls, compactAt = [] } = agent
  const run = 'run' in agent ? agent.run : childRun({ id: 'r' })
  const escalations: Escalation[] = []
  const line = aroundCall(governance({ loops, onEscalate: (one) => escalations.push(one) }))
  lab.reset(calls.map(([name, argument]) => ({ toolCalls: [{ name, arguments: { argument } }] })))
  const events: CallEvent[] = []
  let call: LlmCall = callTo(lab.url, {
    wire,
    streaming,
    ...(run === undefined ? {} : { run }),
  }).call
  const [first] = call.request.messages
  let error: unknown
  for (let round = 0; round <= calls.length && error === undefined; round++) {
    const made = callTo(lab.url, { wire, streaming, ...(run === undefined ? {} : { run }) })
    const asked = made.call.with({ request: call.request })
    try {
      const reply = await line(asked, send)
      const told = []
      for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
        told.push(...frame.events)
      }
      const start = told.find((event) => event.type === 'tool-call-start')
      const given = told.flatMap((one) => (one.type === 'tool-call-delta' ? [one.arguments] : []))
      const [name = '', , result = ''] = calls[round] ?? []
      const id = start?.type === 'tool-call-start' ? start.id : ''
      const { request } = call
      const kept = compactAt.includes(round) && first !== undefined ? [first] : request.messages
      call = call.with({
        request: {
          ...request,
          messages: [
            ...kept,
            {
              role: 'assistant',
              parts: [{ type: 'tool-call', id, name, arguments: given.join('') }],
            },
            {
              role: 'tool',
              parts: [{ type: 'tool-result', id, name, parts: [{ type: 'text', text: result }] }],
            },
          ],
        },
      })
    } catch (thrown) {
      error = thrown
    }
    // Whoever only watches does so while the call is under way.
    await new Promise(setImmediate)
    events.push(...made.events)
  }
  const decisions = events.flatMap((event) =>
    event.type === 'decision-made'
      ? [`${event.decision.verdict} ${event.decision.rule} ${event.decision.enforced}`]
      : [],
  )
  const bodies = lab.requests.map(({ body }) => JSON.stringify(body))
  return { error, events, bodies, decisions, escalations }
}

beforeEach(() => lab.reset())

const again = (times: number) =>
  Array.from({ length: times }, () => ['search', 'fjords', 'nothing found'] as const)

describe.each(wireNames.flatMap((wire) => [true, false].map((streaming) => ({ wire, streaming }))))(
  'a loop on $wire, streamed $streaming',
  (how) => {
    test('is only told as an event unless more is asked for', async () => {
      const { error, decisions, bodies } = await work({}, { ...how, calls: again(4) })
      expect(error).toBeUndefined()
      expect(decisions).toEqual(['warn loops.repeat false', 'warn loops.repeat false'])
      expect(bodies.join('')).not.toContain('system-notice')
    })

    test('is told to the model, then stops its tools, then the run', async () => {
      const { error, decisions, bodies, escalations } = await work(
        { mode: 'enforce' },
        { ...how, calls: again(8) },
      )
      expect(bodies.map((body) => body.includes('system-notice'))).toEqual([
        false,
        false,
        false,
        true,
        true,
      ])
      expect(bodies[3]).toContain('search was called 3 times')
      expect(bodies[4]).toContain('Tools cannot be called now')
      expect(decisions).toEqual([
        'warn loops.repeat true',
        'deny loops.repeat true',
        'deny loops.repeat true',
      ])
      expect(error).toMatchObject({
        code: 'LOOP_DETECTED',
        pattern: 'repeat',
        tools: ['search'],
        times: 5,
        runId: 'r',
      })
      expect(escalations).toMatchObject([
        { kind: 'loop', finding: { pattern: 'repeat', times: 5 }, soFar: { calls: 5 } },
      ])
      expect(JSON.stringify(escalations)).not.toMatch(/fjords|nothing found/)
    })
  },
)

test('two calls in turn are told as such, once for each round', async () => {
  const ping = ['read', 'a', 'b'] as const
  const pong = ['read', 'b', 'a'] as const
  const calls = [ping, pong, ping, pong, ping, pong, ping]
  const { decisions, bodies } = await work({ mode: 'hint' }, { calls })
  expect(decisions[0]).toBe('warn loops.ping-pong true')
  expect(bodies.findIndex((body) => body.includes('in turn 3 times'))).toBe(6)
})

test('a loop goes on over compactions', async () => {
  const { error } = await work({ mode: 'enforce' }, { calls: again(8), compactAt: [1, 2, 3, 4] })
  expect(error).toMatchObject({ code: 'LOOP_DETECTED', times: 5 })
})

test('who gets on after a hint begins anew', async () => {
  const calls = [
    ...again(3),
    ['open', 'map', 'a map'] as const,
    ...again(3),
    ['open', 'book', 'a book'] as const,
  ]
  const { error, decisions } = await work({ mode: 'enforce' }, { calls })
  expect(error).toBeUndefined()
  expect(decisions).toEqual(['warn loops.repeat true', 'warn loops.repeat true'])
})

test('waiting for something is left alone where it is declared', async () => {
  const calls = Array.from({ length: 12 }, () => ['status', 'job 1', 'pending'] as const)
  const polling = await work({ mode: 'enforce', polling: ['status'] }, { calls })
  const allowed = await work({ mode: 'enforce', allowRepeats: { status: 20 } }, { calls })
  expect([polling, allowed].map(({ error, decisions }) => [error, decisions.length])).toEqual([
    [undefined, 0],
    [undefined, 0],
  ])
})

test('outside of a run, conversations are told apart by the ids of their calls', async () => {
  const { decisions } = await work({}, { calls: again(4), run: undefined })
  expect(decisions).toEqual(['warn loops.repeat false', 'warn loops.repeat false'])
})

test('conversations of a run at the same time do not count together', async () => {
  const run = childRun({ id: 'parallel' })
  const line = aroundCall(governance({ loops: { mode: 'enforce' } }))
  lab.reset({ toolCalls: [{ name: 'config', arguments: {} }] })
  const events: CallEvent[] = []
  const one = async () => {
    let call = callTo(lab.url, { run }).call
    for (let round = 0; round < 2; round++) {
      const made = callTo(lab.url, { run })
      const reply = await line(made.call.with({ request: call.request }), send)
      let id = ''
      for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
        for (const event of frame.events) if (event.type === 'tool-call-start') ({ id } = event)
      }
      const messages = [
        ...call.request.messages,
        {
          role: 'assistant' as const,
          parts: [{ type: 'tool-call' as const, id, name: 'config', arguments: '{}' }],
        },
        {
          role: 'tool' as const,
          parts: [
            { type: 'tool-result' as const, id, parts: [{ type: 'text' as const, text: 'x' }] },
          ],
        },
      ]
      call = call.with({ request: { ...call.request, messages } })
      events.push(...made.events)
    }
  }
  await Promise.all(Array.from({ length: 6 }, one))
  expect(events.filter(({ type }) => type === 'decision-made')).toEqual([])
})

test('the same text again and again is a loop where it is answered the same, and none where each begins anew', async () => {
  const run = childRun({ id: 'texts' })
  const line = aroundCall(governance({ loops: {} }))
  const decisionsOf = async (goesOn: boolean): Promise<number> => {
    const events: CallEvent[] = []
    lab.reset({ text: 'Let me think.' })
    let { call } = callTo(lab.url, { run })
    for (let round = 0; round < 6; round++) {
      const made = callTo(lab.url, { run })
      const reply = await line(made.call.with({ request: call.request }), send)
      while ((await reply.next()) !== undefined);
      const part = (text: string) => [{ type: 'text' as const, text }]
      const messages = [
        ...call.request.messages,
        { role: 'assistant' as const, parts: part('Let me think.') },
        { role: 'user' as const, parts: part('Go on.') },
      ]
      if (goesOn) call = call.with({ request: { ...call.request, messages } })
      await new Promise(setImmediate)
      events.push(...made.events)
    }
    return events.filter(({ type }) => type === 'decision-made').length
  }
  expect(await decisionsOf(false)).toBe(0)
  expect(await decisionsOf(true)).toBe(3)
})
