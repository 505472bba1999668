import { startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ask, wireNames } from '../../testing/exchange.ts'
import { aroundCall, governance } from '../governance.ts'
import type { ValidationOptions } from './options.ts'

const schema = z.object({ city: z.string(), degrees: z.number() })
const good = '{"city":"Oslo","degrees":4}'
const guarded = (validation: ValidationOptions) =>
  aroundCall(governance({ validation, loops: false }))
const ways = wireNames.flatMap((wire) => [
  { wire, streaming: true },
  { wire, streaming: false },
])

test.each(ways)(
  'an answer that does not fit is put right by the model: $wire, streamed $streaming',
  async (how) => {
    await using lab = await startLab({
      script: [{ text: 'It is cold.' }, { text: '{"city":"Oslo","degrees":"4"}' }, { text: good }],
    })

    const { status, text, events } = await ask(lab.url, guarded({ validate: schema }), how)

    expect(status).toBe(200)
    expect(lab.requests).toHaveLength(3)
    expect(text).toContain('Oslo')
    expect(text).not.toContain('cold')
    const [first, second, third] = lab.requests.map(({ body }) => JSON.stringify(body))
    expect(first).not.toContain('not accepted')
    expect(second).toContain('It is cold.')
    expect(second).toContain('has to be JSON and nothing else')
    expect(third).toContain('degrees: Invalid input: expected number, received string')
    expect(third).not.toContain('It is cold.')
    expect(events.map((event) => event.type === 'decision-made' && event.decision.verdict)).toEqual(
      ['warn', 'warn'],
    )
  },
)

test('a stronger model is asked when it stays wrong, and then it is refused', async () => {
  await using lab = await startLab({ script: () => ({ text: '{"city":"My secret town"}' }) })
  const line = guarded({ validate: schema, maxRetries: 1, fallbackTo: 'strong-model' })

  const { error } = await ask(lab.url, line)

  expect(lab.requests.map(({ model }) => model)).toEqual([
    'test-model',
    'test-model',
    'strong-model',
  ])
  expect(JSON.stringify(lab.requests[2]?.body)).not.toContain('not accepted')
  expect(error).toMatchObject({
    code: 'REPLY_REJECTED',
    answers: 3,
    issues: [{ path: ['degrees'] }],
  })
  expect(String(error)).toContain('degrees')
  expect(String(error)).not.toContain('secret')
})

test('a function may look at the whole answer', async () => {
  await using lab = await startLab({ script: [{ text: 'short' }, { text: 'long enough' }] })
  const line = guarded({ validate: ({ text }) => text.length > 5 || 'say more' })
  const { text } = await ask(lab.url, line, { streaming: false })
  expect(text).toContain('long enough')
  expect(JSON.stringify(lab.requests[1]?.body)).toContain('- say more')
})

test.each(ways)(
  'a reply that calls tools is no answer yet, and is not held back: $wire, streamed $streaming',
  async (how) => {
    const toolCalls = [{ name: 'weather', arguments: { city: 'Oslo' } }]
    await using lab = await startLab({ script: { text: 'Let me look.', toolCalls } })
    const { status, text } = await ask(lab.url, guarded({ validate: schema }), how)
    expect([status, lab.requests.length]).toEqual([200, 1])
    expect(text).toContain('weather')
  },
)

test.each(ways)(
  'an answer in a tool call is put right as a tool call: $wire, streamed $streaming',
  async (how) => {
    const answer = (given: Record<string, string | number>) => ({
      toolCalls: [{ name: 'answer', arguments: given }],
    })
    await using lab = await startLab({
      script: [answer({ city: 'Oslo' }), answer({ city: 'Oslo', degrees: 4 })],
    })
    const line = guarded({ validate: schema, tool: 'answer' })
    const { status, text } = await ask(lab.url, line, how)
    expect(status).toBe(200)
    expect(lab.requests).toHaveLength(2)
    // However its pieces are cut.
    expect(text).toMatch(/4\s*\\?"?\}/)
    expect(JSON.stringify(lab.requests[1]?.body)).toContain('degrees: Invalid input')
  },
)

test('what is not meant passes, and so does an error of the provider', async () => {
  await using lab = await startLab({ script: [{ text: 'free text' }, { fault: 'unavailable' }] })
  const line = guarded({ validate: schema, when: ({ run }) => run?.agent === 'other' })
  expect((await ask(lab.url, line)).status).toBe(200)
  expect((await ask(lab.url, guarded({ validate: schema }))).status).toBe(503)
  expect(lab.requests).toHaveLength(2)
})

test('the SDK that tries a refused call again hears the same, and nobody is asked again', async () => {
  await using lab = await startLab({ script: () => ({ text: 'no JSON' }) })
  const line = guarded({ validate: schema, maxRetries: 1 })
  const first = await ask(lab.url, line)
  const second = await ask(lab.url, line, { resend: 1 })
  const other = await ask(lab.url, line, { prompt: 'something else' })
  expect(lab.requests).toHaveLength(4)
  expect(second.error).toBe(first.error)
  expect(other.error).not.toBe(first.error)
})
