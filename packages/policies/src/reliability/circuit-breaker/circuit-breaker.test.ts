import { startLab } from '@holdfast/lab'
import type { Step } from '@holdfast/lab'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ask } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import { circuitBreaker } from './circuit-breaker.ts'

// Only the date is turned by hand: real servers need real timers.
beforeEach(
  () => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-21T12:00:00Z') }),
)
afterEach(() => void vi.useRealTimers())

test('a circuit opens after failures in a row, and refuses without a request', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const breaker = circuitBreaker({ failures: 3, openMs: 12_000 })

  const answers = []
  for (let call = 0; call < 5; call++) answers.push(await ask(lab.url, breaker))

  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, undefined, undefined])
  expect(lab.requests).toHaveLength(3)
  expect(answers[2]?.events).toMatchObject([{ type: 'circuit-opened' }])
  expect(answers[4]?.events).toMatchObject([{ type: 'circuit-refused', retryInMs: 12_000 }])
  expect(answers[4]?.error).toMatchObject({
    code: 'CIRCUIT_OPEN',
    retryable: true,
    retryAt: new Date('2026-11-21T12:00:12.000Z'),
  })
  expect(String(answers[4]?.error)).toContain('next try in 12 s, at 2026-11-21T12:00:12.000Z')
})

test('one request tries an open circuit when its time is over; success closes it', async () => {
  const script = [...failing(2), { text: 'well' }, { text: 'and well' }]
  await using lab = await startLab({ script })
  const breaker = circuitBreaker({ failures: 2, openMs: 10_000 })
  await ask(lab.url, breaker)
  await ask(lab.url, breaker)
  vi.setSystemTime(Date.now() + 10_000)

  const [probe, other] = await Promise.all([ask(lab.url, breaker), ask(lab.url, breaker)])

  expect(probe.status).toBe(200)
  expect(other.error).toMatchObject({ code: 'CIRCUIT_OPEN' })
  await expect(ask(lab.url, breaker)).resolves.toMatchObject({ status: 200 })
  expect(lab.requests).toHaveLength(4)
})

test('a failed try opens the circuit again, for twice as long', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const breaker = circuitBreaker({ failures: 1, openMs: 10_000, maxOpenMs: 30_000 })
  await ask(lab.url, breaker)

  const refusals = []
  for (const waitMs of [10_000, 20_000, 30_000]) {
    vi.setSystemTime(Date.now() + waitMs)
    await ask(lab.url, breaker)
    const { events } = await ask(lab.url, breaker)
    refusals.push(events)
  }

  expect(refusals).toMatchObject([
    [{ retryInMs: 20_000 }],
    [{ retryInMs: 30_000 }],
    [{ retryInMs: 30_000 }],
  ])
  expect(lab.requests).toHaveLength(4)
})

test('a try that its caller aborts leaves the circuit open', async () => {
  await using lab = await startLab({ script: [...failing(1), { fault: 'header-stall' }] })
  const breaker = circuitBreaker({ failures: 1, openMs: 10_000 })
  await ask(lab.url, breaker)
  vi.setSystemTime(Date.now() + 10_000)

  await ask(lab.url, breaker, { signal: AbortSignal.timeout(100) })

  await expect(ask(lab.url, breaker)).resolves.toMatchObject({ error: { code: 'CIRCUIT_OPEN' } })
})

test.for([
  'invalid-request',
  'context-length',
  'invalid-key',
  'model-not-found',
  'content-filter',
  'quota-exhausted',
  'rate-limited',
  'conflict',
  'malformed-function-call',
] as const)('%s never opens a circuit', async (name) => {
  await using lab = await startLab({ script: { fault: name } })
  const breaker = circuitBreaker({ failures: 1 })

  for (let call = 0; call < 3; call++) await ask(lab.url, breaker, { wire: 'gemini' })

  expect(lab.requests).toHaveLength(3)
})

test('callers who abort never open a circuit', async () => {
  await using lab = await startLab({ script: { fault: 'header-stall' } })
  const breaker = circuitBreaker({ failures: 1 })

  for (let call = 0; call < 3; call++) {
    await ask(lab.url, breaker, { signal: AbortSignal.timeout(30) })
  }

  expect(lab.requests).toHaveLength(3)
})

test('each model has a circuit of its own', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'ill' ? { fault: 'unavailable' } : {}),
  })
  const breaker = circuitBreaker({ failures: 1 })
  await ask(lab.url, breaker, { model: 'ill' })

  await expect(ask(lab.url, breaker, { model: 'well' })).resolves.toMatchObject({ status: 200 })
  await expect(ask(lab.url, breaker, { model: 'ill' })).resolves.toMatchObject({
    error: { code: 'CIRCUIT_OPEN' },
  })
})

test('a Retry-After beyond the cap closes the door for that key until then', async () => {
  await using lab = await startLab({
    script: [{ fault: { name: 'rate-limited-long', retryAfterMs: 100_000 } }, {}, {}],
  })
  const policies = reliability({ resendGuard: false })
  await ask(lab.url, policies)

  const early = await ask(lab.url, policies)
  const otherKey = await ask(lab.url, policies, { apiKey: 'another-key' })
  vi.setSystemTime(Date.now() + 100_000)
  const late = await ask(lab.url, policies)

  expect(early.error).toMatchObject({ code: 'CIRCUIT_OPEN' })
  expect(otherKey.status).toBe(200)
  expect(late.status).toBe(200)
})

test('an impatient caller closes no door for the others', async () => {
  await using lab = await startLab({
    script: [{ fault: { name: 'rate-limited-ms', retryAfterMs: 500 } }, { text: 'fine' }],
  })
  const policies = reliability()

  const impatient = await ask(lab.url, policies, { patienceMs: 100 })
  const patient = await ask(lab.url, policies, { prompt: 'something else' })

  expect(impatient.status).toBe(429)
  expect(patient.status).toBe(200)
})

test('streams that break after their first content count as failures', async () => {
  await using lab = await startLab({ script: { fault: 'reset-mid-stream' } })
  const policies = reliability({ circuitBreaker: { failures: 3 } })

  const answers = []
  for (let call = 0; call < 4; call++) answers.push(await ask(lab.url, policies))

  expect(lab.requests).toHaveLength(3)
  expect(answers[3]?.error).toMatchObject({ code: 'CIRCUIT_OPEN' })
})

test('a circuit that opens while a call retries leaves it the answer of the provider', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = reliability({ retry: { baseDelayMs: 1 }, circuitBreaker: { failures: 2 } })

  const answer = await ask(lab.url, policies)

  expect(lab.requests).toHaveLength(2)
  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text)).toHaveProperty('error')
})

test('the share of failures opens a circuit where that is asked for', async () => {
  await using lab = await startLab({
    script: ({ index }) => (index % 2 === 0 ? {} : { fault: 'unavailable' }),
  })
  const breaker = circuitBreaker({
    sampling: { failureShare: 0.4, windowMs: 10_000, requestsPerSecond: 1 },
  })

  const answers = []
  for (let call = 0; call < 14; call++) answers.push(await ask(lab.url, breaker))

  expect(lab.requests).toHaveLength(10)
  expect(answers.at(-1)?.error).toMatchObject({ code: 'CIRCUIT_OPEN' })
})

function failing(times: number): Step[] {
  return Array.from({ length: times }, () => ({ fault: 'unavailable' }))
}
