import { enterRun, childRun } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { ask } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import type { ReliabilityOptions } from '../reliability.ts'
import { resendGuard } from './resend-guard.ts'

function policiesWith(options: ReliabilityOptions = {}): ReturnType<typeof reliability> {
  return reliability({
    retry: { baseDelayMs: 1, overloadedBaseDelayMs: 1 },
    circuitBreaker: false,
    ...options,
  })
}

test('a re-send that says so gets the recorded answer, byte for byte, without a request', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = policiesWith()
  const first = await ask(lab.url, policies)

  const second = await ask(lab.url, policies, { resend: 1 })
  const third = await ask(lab.url, policies, { resend: 2 })

  expect(lab.requests).toHaveLength(3)
  for (const again of [second, third]) {
    expect(again.status).toBe(503)
    expect(again.text).toBe(first.text)
    expect([...(again.reply?.headers.entries() ?? [])]).toEqual([
      ...(first.reply?.headers.entries() ?? []),
    ])
    expect(again.reply?.failure).toEqual(first.reply?.failure)
  }
  expect(third.events).toEqual([{ type: 'resend-answered', resend: 2 }])
})

test('a re-send of a call that threw gets the same error object', async () => {
  await using lab = await startLab({ script: { fault: 'reset-before-headers' } })
  const policies = policiesWith()
  const first = await ask(lab.url, policies)

  const second = await ask(lab.url, policies, { resend: 1 })

  expect(second.error).toBe(first.error)
  expect(lab.requests).toHaveLength(3)
})

test('an exhausted answer tells the SDK above not to send it again', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })

  const answer = await ask(lab.url, resendGuard())

  expect(answer.reply?.headers.get('x-should-retry')).toBe('false')
})

test('a client that tells nothing is recognised by run and request, for a window that doubles', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = policiesWith({ resendGuard: { windowMs: 150 } })
  await ask(lab.url, policies)

  for (const waitMs of [100, 200, 400]) {
    await sleep(waitMs)
    const again = await ask(lab.url, policies)
    expect(again.events).toEqual([{ type: 'resend-answered', resend: 0 }])
  }

  expect(lab.requests).toHaveLength(3)
})

test('after the window the same request is a new call', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = policiesWith({ resendGuard: { windowMs: 50 } })
  await ask(lab.url, policies)
  await sleep(80)

  await ask(lab.url, policies)

  expect(lab.requests).toHaveLength(6)
})

test('a client that tells nothing is not answered for ever', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = policiesWith()

  for (let call = 0; call < 12; call++) await ask(lab.url, policies)

  expect(lab.requests).toHaveLength(6)
})

test('another run, prompt, model or key is another call', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = policiesWith({ retry: { maxAttempts: 1 } })
  const run = childRun({ id: 'a run' })
  await ask(lab.url, policies)

  for (const other of [{ run }, { prompt: 'holla' }, { model: 'other-modl' }, { apiKey: 'k2' }]) {
    await enterRun(run, () => ask(lab.url, policies, other))
  }

  expect(lab.requests).toHaveLength(5)
})

test('equal calls at the same time do not disturb each other', async () => {
  let count = 0
  await using lab = await startLab({
    // The first fails at once, the others succeed a little later.
    script: () => (count++ === 0 ? { fault: 'invalid-request' } : { text: 'fine', delayMs: 50 }),
  })
  const policies = policiesWith({ retry: { maxAttempts: 1 } })

  const answers = await Promise.all([0, 1, 2, 3].map(() => ask(lab.url, policies)))

  const statuses = answers.map(({ status = 0 }) => status)
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 200, 200, 400])
})

test('a success of an equal call clears the record', async () => {
  await using lab = await startLab({
    script: ({ index }) =>
      index === 0
        ? { delayMs: 150, text: 'fine' }
        : { fault: index === 1 ? 'unavailable' : 'conflict' },
  })
  const policies = policiesWith({ retry: { maxAttempts: 1 } })
  const slow = ask(lab.url, policies)
  await sleep(50)
  const failed = await ask(lab.url, policies)
  await slow

  const next = await ask(lab.url, policies)

  expect(failed.status).toBe(503)
  expect(next.status).toBe(409)
})

test.for(['invalid-request', 'invalid-key', 'context-length', 'model-not-found'] as const)(
  '%s is not recorded: a corrected key or limit works at once',
  async (name) => {
    await using lab = await startLab({ script: [{ fault: name }, { text: 'fine' }] })
    const policies = policiesWith()
    await ask(lab.url, policies)

    await expect(ask(lab.url, policies)).resolves.toMatchObject({ status: 200 })
  },
)

test('before its Retry-After has passed a deferred call is answered; then it goes on where it was', async () => {
  await using lab = await startLab({
    script: [
      { fault: 'server-error' },
      { fault: { name: 'rate-limited-ms', retryAfterMs: 400 } },
      { fault: 'server-error' },
      { text: 'too many' },
    ],
  })
  const policies = policiesWith({ retry: { baseDelayMs: 1, maxDelayMs: 200 } })
  const first = await ask(lab.url, policies)

  const early = await ask(lab.url, policies, { resend: 1 })
  await sleep(420)
  const late = await ask(lab.url, policies, { resend: 2 })
  const last = await ask(lab.url, policies, { resend: 3 })

  expect([first, early, late, last].map(({ status }) => status)).toEqual([429, 429, 500, 500])
  expect(lab.requests).toHaveLength(3)
})

test('a call that would not be tried again is answered, also where it has requests left', async () => {
  await using lab = await startLab({ script: { fault: 'conflict' } })
  const policies = policiesWith()
  const first = await ask(lab.url, policies)
  expect([first.status, lab.requests.length]).toEqual([409, 2])

  const told = await ask(lab.url, policies, { resend: 1 })
  const silent = await ask(lab.url, policies)

  expect(lab.requests).toHaveLength(2)
  for (const [again, resend] of [[told, 1] as const, [silent, 0] as const]) {
    expect([again.status, again.text]).toEqual([409, first.text])
    expect(again.events).toEqual([{ type: 'resend-answered', resend }])
  }
})

test('where the retry budget is spent, nobody above retries either', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = policiesWith({
    retry: { baseDelayMs: 1, budgetShare: 0, budgetPerSecond: 0.1 },
  })
  await ask(lab.url, policies)
  expect(lab.requests).toHaveLength(2)

  await ask(lab.url, policies, { resend: 1 })

  expect(lab.requests).toHaveLength(2)
})

test('a call that goes on has what is left of its requests, those for fallback targets included', async () => {
  await using lab = await startLab({
    script: ({ model }) => ({
      fault: model === 'spare' ? 'conflict' : { name: 'rate-limited-ms', retryAfterMs: 200 },
    }),
  })
  const policies = policiesWith({
    retry: { baseDelayMs: 1, maxDelayMs: 100 },
    fallback: { to: [{ model: 'spare' }] },
  })

  for (let resend = 0; resend < 3; resend++) {
    await ask(lab.url, policies, { resend })
    await sleep(220)
  }

  // Three, and one for the target.
  expect(lab.requests.map(({ model }) => model)).toEqual([
    'test-model',
    'spare',
    'spare',
    'test-model',
  ])
})

test('an SDK whose own timer ended the call keeps to the same number of requests', async () => {
  await using lab = await startLab({ script: { fault: 'header-stall' } })
  const policies = policiesWith({ timeout: { headersMs: 40 } })

  for (let resend = 0; resend < 6; resend++) {
    await ask(lab.url, policies, { resend, signal: AbortSignal.timeout(60) })
  }

  expect(lab.requests.length).toBeLessThanOrEqual(3)
})

test('a caller who aborted and asks anew is a new call', async () => {
  await using lab = await startLab({ script: [{ fault: 'header-stall' }, { text: 'fine' }] })
  const policies = policiesWith()
  await ask(lab.url, policies, { signal: AbortSignal.timeout(50) })

  await expect(ask(lab.url, policies)).resolves.toMatchObject({ status: 200 })
})

test('a failure inside a 200 is repeated as it came', async () => {
  await using lab = await startLab({ script: { fault: 'overloaded-event-first' } })
  const policies = policiesWith()
  const first = await ask(lab.url, policies, { wire: 'anthropic-messages' })

  const second = await ask(lab.url, policies, { wire: 'anthropic-messages' })

  expect(second.status).toBe(200)
  expect(second.text).toBe(first.text)
  expect(String(second.error)).toBe(String(first.error))
  expect(lab.requests).toHaveLength(3)
})

test('only so many failed calls are remembered', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = policiesWith({ retry: { maxAttempts: 1 }, resendGuard: { maxRecords: 2 } })
  for (const prompt of ['one', 'two', 'six']) await ask(lab.url, policies, { prompt })

  await ask(lab.url, policies, { prompt: 'six' })
  expect(lab.requests).toHaveLength(3)
  await ask(lab.url, policies, { prompt: 'one' })
  expect(lab.requests).toHaveLength(4)
})

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
