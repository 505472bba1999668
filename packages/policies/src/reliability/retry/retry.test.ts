import { deadPort, startLab } from '@holdfast/lab'
import type { Script } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask, callTo, send } from '../../testing/exchange.ts'
import { retry } from './retry.ts'

const quick = { baseDelayMs: 5, overloadedBaseDelayMs: 20 }

test('a call that failed twice succeeds at the third request', async () => {
  await using lab = await startLab({
    script: [{ fault: 'server-error' }, { fault: 'reset-before-headers' }, { text: 'well again' }],
  })

  const answer = await ask(lab.url, retry(quick))

  expect(answer.error).toBeUndefined()
  expect(answer.text).toContain('again')
  expect(lab.requests).toHaveLength(3)
  expect(answer.events.map(({ type }) => type)).toEqual([
    'attempt-start',
    'attempt-failed',
    'retry-scheduled',
    'attempt-start',
    'attempt-failed',
    'retry-scheduled',
    'attempt-start',
    'attempt-end',
  ])
})

test('no more requests go out than are allowed, and the last answer is handed up as it came', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })

  const answer = await ask(lab.url, retry({ ...quick, maxAttempts: 5 }))

  expect(lab.requests).toHaveLength(5)
  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text)).toHaveProperty('error')
})

test('the error object that the transport threw last is the one that arrives', async () => {
  const thrown: unknown[] = []
  const { call } = callTo(await deadPort())

  const outcome = retry(quick)(call, async (inner) => {
    try {
      return await send(inner)
    } catch (error) {
      thrown.push(error)
      throw error
    }
  })

  await expect(outcome).rejects.toSatisfy((error) => error === thrown.at(-1))
  expect(thrown).toHaveLength(3)
})

describe('Retry-After', () => {
  test.for([
    ['rate-limited', 1000],
    ['rate-limited-ms', 120],
    ['unavailable-retry-after', 1000],
  ] as const)('%s is never undercut, and hardly overdone', async ([name, retryAfterMs]) => {
    await using lab = await startLab({
      script: [{ fault: { name, retryAfterMs } }, { text: 'now' }],
    })

    const answer = await ask(lab.url, retry({ baseDelayMs: 50 }))

    expect(answer.error).toBeUndefined()
    const [first, second] = lab.requests
    const gapMs = (second?.atMs ?? 0) - (first?.atMs ?? 0)
    expect(gapMs).toBeGreaterThanOrEqual(retryAfterMs)
    expect(gapMs).toBeLessThan(retryAfterMs * 1.1 + 900)
  })

  test('longer than the cap: no second request, the answer of the provider as it is', async () => {
    await using lab = await startLab({ script: { fault: 'rate-limited-long' } })

    const answer = await ask(lab.url, retry({ maxDelayMs: 5_000 }))

    expect(lab.requests).toHaveLength(1)
    expect(answer.status).toBe(429)
    expect(answer.faults).toEqual(['rate-limited-long'])
    expect(answer.tookMs).toBeLessThan(1_000)
  })

  test('exactly the cap is waited for', async () => {
    await using lab = await startLab({
      script: [{ fault: { name: 'rate-limited-ms', retryAfterMs: 100 } }, {}],
    })

    const answer = await ask(lab.url, retry({ maxDelayMs: 100 }))

    expect(answer.status).toBe(200)
  })

  test('beyond the deadline of the caller: no second request', async () => {
    await using lab = await startLab({
      script: { fault: { name: 'rate-limited-ms', retryAfterMs: 5_000 } },
    })

    const answer = await ask(lab.url, retry(), { patienceMs: 4_000 })

    expect(lab.requests).toHaveLength(1)
    expect(answer.faults).toEqual(['rate-limited-long'])
    expect(answer.tookMs).toBeLessThan(3_000)
  })
})

test('a wait that does not fit the deadline is not begun', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })

  const answer = await ask(
    lab.url,
    retry({ baseDelayMs: 10_000, maxBackoffMs: 10_000, random: () => 0.9 }),
    {
      patienceMs: 4_000,
    },
  )

  expect(lab.requests).toHaveLength(1)
  expect(answer.status).toBe(503)
  expect(answer.tookMs).toBeLessThan(3_000)
})

test('waits grow with full jitter up to their ceiling', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })

  const answer = await ask(
    lab.url,
    retry({ maxAttempts: 5, baseDelayMs: 20, maxBackoffMs: 60, random: () => 0.5 }),
  )

  const waits = answer.events.flatMap((event) =>
    event.type === 'retry-scheduled' ? [event.delayMs] : [],
  )
  expect(waits.map(Math.round)).toEqual([10, 20, 30, 30])
})

test('an overloaded provider gets its rest whatever the dice say', async () => {
  await using lab = await startLab({ script: [{ fault: 'overloaded' }, {}] })

  await ask(lab.url, retry({ overloadedBaseDelayMs: 150, random: () => 0 }), {
    wire: 'anthropic-messages',
  })

  const [first, second] = lab.requests
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(150)
})

test('a provider that says x-should-retry: false is not asked again', async () => {
  await using lab = await startLab({ script: { fault: 'server-error-no-retry' } })

  await ask(lab.url, retry(quick))

  expect(lab.requests).toHaveLength(1)
})

test.for([
  'quota-exhausted',
  'context-length',
  'invalid-key',
  'invalid-request',
  'billing',
  'content-filter',
] as const)('%s is never tried again', async (name) => {
  await using lab = await startLab({ script: { fault: name } })

  await ask(lab.url, retry(quick))

  expect(lab.requests).toHaveLength(1)
})

test('a kept-alive connection that turns out to be dead is replaced at once', async () => {
  const script: Script = [{}, { fault: 'reused-socket-closed' }, { text: 'fresh' }]
  await using lab = await startLab({ script })
  const policy = retry({ baseDelayMs: 10_000 })
  await ask(lab.url, policy)
  // The connection goes back to the pool a moment after the last byte.
  await new Promise((resolve) => setTimeout(resolve, 50))

  const answer = await ask(lab.url, policy)

  expect(answer.error).toBeUndefined()
  expect(answer.faults).toEqual(['stale-connection'])
  expect(answer.tookMs).toBeLessThan(1_000)
})

test('a caller who aborts while a retry waits gets its own reason at once', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const controller = new AbortController()
  const reason = new Error('changed my mind')

  const running = ask(
    lab.url,
    retry({ baseDelayMs: 60_000, maxBackoffMs: 60_000, random: () => 0.5 }),
    {
      signal: controller.signal,
    },
  )
  setTimeout(() => controller.abort(reason), 100)
  const answer = await running

  expect(answer.error).toBe(reason)
  expect(answer.tookMs).toBeLessThan(1_000)
  expect(lab.requests).toHaveLength(1)
})

test('retries stop where they would be more than their share of the requests', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policy = retry({ baseDelayMs: 1, budgetShare: 0.2, budgetPerSecond: 0 })

  for (let call = 0; call < 20; call++) await ask(lab.url, policy)

  // 20 first requests allow 4 retries, and the first call of all allows its one early.
  expect(lab.requests.length).toBeGreaterThanOrEqual(23)
  expect(lab.requests.length).toBeLessThanOrEqual(25)
})
