import { deadPort, startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { ask } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import { fallback } from './fallback.ts'

const retry = { baseDelayMs: 1, overloadedBaseDelayMs: 1 }

test('targets are asked in their order, and the first that answers is it', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'third' ? { text: 'here I am' } : { fault: 'unavailable' }),
  })
  const policies = reliability({
    retry: { ...retry, maxAttempts: 2 },
    fallback: { to: [{ model: 'second' }, { model: 'third' }, { model: 'fourth' }] },
  })

  const answer = await ask(lab.url, policies, { model: 'first' })

  expect(answer.error).toBeUndefined()
  expect(lab.requests.map(({ model }) => model)).toEqual(['first', 'first', 'second', 'third'])
  const attempts = answer.events.flatMap((event) =>
    event.type === 'attempt-start' ? [event.attempt] : [],
  )
  expect(attempts).toEqual([1, 2, 3, 4])
  expect(answer.events.filter(({ type }) => type === 'fallback-taken')).toMatchObject([
    {
      from: expect.stringContaining('first'),
      to: expect.stringContaining('second'),
      reason: 'server-error',
    },
    { from: expect.stringContaining('second'), to: expect.stringContaining('third') },
  ])
})

test('another address and key take over from a dead provider', async () => {
  await using lab = await startLab({ script: { text: 'alive' } })
  const policies = reliability({
    retry,
    fallback: { to: [{ provider: 'spare', baseUrl: lab.baseUrls.openai, apiKey: 'spare-key' }] },
  })

  const answer = await ask(await deadPort(), policies)

  expect(answer.error).toBeUndefined()
  expect(answer.faults).toEqual(['not-connected', 'not-connected', 'not-connected'])
  expect(answer.events.at(-1)).toMatchObject({ type: 'attempt-end', attempt: 4 })
  expect(lab.requests).toHaveLength(1)
})

test('a key from the environment is read when it is needed; a missing one leaves the target out', async () => {
  await using lab = await startLab({
    script: ({ index }) => (index === 0 ? { fault: 'quota-exhausted' } : {}),
  })
  const policy = fallback({
    to: [{ apiKeyEnv: 'HOLDFAST_TEST_MISSING' }, { apiKeyEnv: 'HOLDFAST_TEST_KEY' }],
  })
  process.env['HOLDFAST_TEST_KEY'] = 'second-account'

  const answer = await ask(lab.url, policy)

  expect(answer.status).toBe(200)
  const [first, second] = lab.requests.map(({ headers }) => headers['authorization'])
  expect(second).not.toBe(first)
  expect(lab.requests).toHaveLength(2)
})

test('the key of the application stays with its host, unless the target says so', async () => {
  await using first = await startLab({ script: { fault: 'quota-exhausted' } })
  await using other = await startLab()
  const { openai: baseUrl } = other.baseUrls

  await ask(first.url, fallback({ to: [{ baseUrl }] }))
  await ask(first.url, fallback({ to: [{ baseUrl, keepKey: true }] }))

  const [without, kept] = other.requests.map(({ headers }) => headers['authorization'])
  expect(without).toBeUndefined()
  expect(kept).toBe(first.requests[0]?.headers['authorization'])
})

test('quota leads on at once, a wrong request never does', async () => {
  await using lab = await startLab({
    script: [{ fault: 'quota-exhausted' }, { text: 'fine' }, { fault: 'invalid-request' }],
  })
  const policies = reliability({ retry, fallback: { to: [{ model: 'other' }] } })

  const quota = await ask(lab.url, policies)
  const wrong = await ask(lab.url, policies, { prompt: 'wrong' })

  expect(quota.status).toBe(200)
  expect(wrong.status).toBe(400)
  expect(lab.requests).toHaveLength(3)
})

test('a filter or a refused key leads on only where that is asked for', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'other' ? {} : { fault: 'invalid-key' }),
  })
  const to = [{ model: 'other' }]

  const asIs = await ask(lab.url, fallback({ to }))
  const asked = await ask(lab.url, fallback({ to, on: ['unauthorized'] }))

  expect(asIs.status).toBe(401)
  expect(asked.status).toBe(200)
})

test('where nobody answers, the first answer of a provider is handed up', async () => {
  await using lab = await startLab({
    script: ({ model }) => ({ fault: model === 'other' ? 'invalid-key' : 'unavailable' }),
  })
  const policies = reliability({ retry, fallback: { to: [{ model: 'other' }] } })

  const answer = await ask(lab.url, policies)

  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text)).toHaveProperty('error')
  expect(lab.requests).toHaveLength(4)
})

test('each target adds one request to what the call may send', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = reliability({
    retry,
    fallback: { to: [{ model: 'second' }, { model: 'third' }] },
  })

  await ask(lab.url, policies)

  expect(lab.requests.map(({ model }) => model)).toEqual([
    'test-model',
    'test-model',
    'test-model',
    'second',
    'third',
  ])
})

test('a wait that is too long leads on instead', async () => {
  await using lab = await startLab({ script: [{ fault: 'rate-limited-long' }, { text: 'fine' }] })
  const policies = reliability({ retry, fallback: { to: [{ model: 'other' }] } })

  const answer = await ask(lab.url, policies)

  expect(answer.status).toBe(200)
  expect(answer.tookMs).toBeLessThan(1_000)
})

test('an open circuit leads on without a request', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'other' ? {} : { fault: 'unavailable' }),
  })
  const policies = reliability({
    retry,
    circuitBreaker: { failures: 1 },
    fallback: { to: [{ model: 'other' }] },
  })
  await ask(lab.url, policies)

  const answer = await ask(lab.url, policies, { prompt: 'again' })

  expect(answer.status).toBe(200)
  expect(lab.requests.map(({ model }) => model)).toEqual(['test-model', 'other', 'other'])
})

test('canFallBack has the last word on a target', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'test-model' ? { fault: 'unavailable' } : {}),
  })
  const seen: unknown[] = []
  const policy = fallback({
    to: [{ model: 'second' }, { model: 'third' }],
    canFallBack(call, target, fault) {
      seen.push([call.model, target.model, fault.name])
      return target.model === 'third'
    },
  })

  const answer = await ask(lab.url, policy)

  expect(answer.status).toBe(200)
  expect(lab.requests.map(({ model }) => model)).toEqual(['test-model', 'third'])
  expect(seen).toEqual([
    ['test-model', 'second', 'server-error'],
    ['test-model', 'third', 'server-error'],
  ])
})

test('nobody takes over after the first content, or from a caller who left', async () => {
  await using lab = await startLab({
    script: ({ index }) => ({ fault: index === 0 ? 'reset-mid-stream' : 'header-stall' }),
  })
  const policies = reliability({ retry, fallback: { to: [{ model: 'other' }] } })

  const cut = await ask(lab.url, policies)
  const left = await ask(lab.url, policies, { signal: AbortSignal.timeout(100), prompt: 'left' })

  expect(cut.error).toBeInstanceOf(TypeError)
  expect(left.error).toMatchObject({ name: 'TimeoutError' })
  expect(lab.requests).toHaveLength(2)
})
