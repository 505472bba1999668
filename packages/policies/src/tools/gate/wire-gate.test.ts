import { assemble } from '@holdfast/core'
import type { CallEvent, PolicyDecision } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import type { Step } from '@holdfast/lab'
import { formats } from '@holdfast/wire'
import { describe, expect, test } from 'vitest'
import { callTo, send, wireNames } from '../../testing/exchange.ts'
import type { WireName } from '../../testing/exchange.ts'
import type { ToolGateDeps, ToolGateOptions } from './options.ts'
import { toolGate } from './tool-gate.ts'

const weather = { name: 'get_weather', arguments: { city: 'Oslo' } }
const email = { name: 'send_email', arguments: { to: 'eve@example.com', body: 'hi' } }

interface Asked {
  readonly wire: WireName
  readonly streaming: boolean
}

async function through(
  { wire, streaming }: Asked,
  script: Step | Step[],
  options: ToolGateOptions,
  deps: ToolGateDeps = {},
) {
  await using lab = await startLab({ script })
  const { call: bare, events } = callTo(lab.url, { wire, streaming })
  const string = { type: 'string' }
  const call = bare.with({
    request: {
      ...bare.request,
      tools: [
        {
          name: 'get_weather',
          description: 'Get the weather',
          parameters: { type: 'object', properties: { city: string }, required: ['city'] },
        },
        {
          name: 'send_email',
          description: 'Send an email',
          parameters: { type: 'object', properties: { to: string, body: string } },
        },
      ],
    },
  })
  let error: unknown
  let text = ''
  const pieces: string[] = []
  try {
    const reply = await toolGate(
      { declare: { get_weather: { class: 'read-only' } }, ...options },
      deps,
    ).llm(call, send)
    for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
      pieces.push(Buffer.from(frame.bytes).toString())
    }
  } catch (thrown) {
    error = thrown
  }
  text = pieces.join('')
  const format = formats.find(({ name }) => name === wire)
  const reader = format?.replyReader({ operation: 'chat', streaming, contentType: null })
  const read = reader && [...reader.push(Buffer.from(text)), ...reader.end()]
  return {
    error,
    text,
    pieces,
    message: assemble(read ?? []),
    complete: reader?.complete,
    decisions: decisionsIn(events),
    requests: lab.requests,
  }
}

function decisionsIn(events: readonly CallEvent[]): PolicyDecision[] {
  return events.flatMap((event) => (event.type === 'decision-made' ? [event.decision] : []))
}

const asked = wireNames.flatMap((wire) => [true, false].map((streaming) => ({ wire, streaming })))

describe.for(asked)('$wire, streaming: $streaming', (how) => {
  test('an allowed call passes byte for byte', async () => {
    const step = { text: 'Let me see.', toolCalls: [weather] }
    const bare = await through(how, step, { preset: 'observe' })
    const held = await through(how, step, { preset: 'strict' })

    const plain = (text: string) => text.replaceAll(/"(?:created|created_at)":\d+/g, '')
    expect(plain(held.text)).toBe(plain(bare.text))
    expect(held.error).toBeUndefined()
    expect(held.decisions).toMatchObject([
      {
        verdict: 'allow',
        subject: { name: 'get_weather', toolClass: 'read-only' },
        enforced: true,
      },
    ])
  })

  test('the model is asked again with the refusal, and its answer is handed up', async () => {
    const { message, requests, decisions, error } = await through(
      how,
      [{ toolCalls: [email] }, { text: 'I may not send it.' }],
      { preset: 'strict' },
    )

    expect(error).toBeUndefined()
    expect(message.text).toBe('I may not send it.')
    expect(message.toolCalls).toEqual([])
    expect(requests).toHaveLength(2)
    expect(requests[1]?.bodyText).toContain('Tool call refused: send_email was not run.')
    expect(decisions).toMatchObject([{ verdict: 'ask', rule: 'class.communication' }])
  })

  test('where it is not asked again, the refusal stands in its place', async () => {
    const { message, complete, error } = await through(
      how,
      { text: 'Let me see.', toolCalls: [email] },
      { preset: 'strict', maxAskAgain: 0 },
    )

    expect(error).toBeUndefined()
    expect(message.text).toMatch(/^Let me see\.\n\nTool call refused: send_email was not run\./)
    expect(message.toolCalls).toEqual([])
    expect(message.finishReason).toBe('stop')
    expect(complete).toBe(true)
  })

  test('of parallel calls one is refused', async () => {
    const { message, requests } = await through(
      how,
      { toolCalls: [weather, email, { ...weather, arguments: { city: 'Rom' } }] },
      { preset: 'strict' },
    )

    expect(requests).toHaveLength(1)
    expect(message.toolCalls.map(({ name, arguments: json }) => [name, JSON.parse(json)])).toEqual([
      ['get_weather', { city: 'Oslo' }],
      ['get_weather', { city: 'Rom' }],
    ])
    expect(message.text).toContain('send_email was not run')
    expect(message.finishReason).toBe('tool-calls')
  })

  test('a call that is approved with other arguments carries these', async () => {
    const { message } = await through(
      how,
      { toolCalls: [email, weather] },
      { preset: 'strict' },
      {
        approver: {
          ask: async () => ({
            verdict: 'approved',
            id: '1',
            by: 'ada',
            editedText: '{"body":"hi","to":"bob@example.com"}',
          }),
          redeem: async () => true,
        },
      },
    )

    expect(message.toolCalls.map(({ name, arguments: json }) => [name, JSON.parse(json)])).toEqual([
      ['send_email', { to: 'bob@example.com', body: 'hi' }],
      ['get_weather', { city: 'Oslo' }],
    ])
  })
})
