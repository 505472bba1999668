import { getEventListeners } from 'node:events'
import { startLab } from '@holdfast/lab'
import type { Lab, LabRequest, Step } from '@holdfast/lab'
import { assert, double, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ask } from '../../testing/exchange.ts'
import type { Ask, Ended } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import type { ReliabilityOptions } from '../reliability.ts'
import { Latencies } from './latencies.ts'

const slowMs = 1_500
/** Quick to learn, and one call in two may be sent twice. */
const eager: ReliabilityOptions = {
  resendGuard: false,
  retry: { baseDelayMs: 1 },
  hedge: { minSamples: 5, maxShare: 0.5 },
}

/** Six fast answers, so that the endpoint is known; then what the test is about. */
async function warm(
  options: ReliabilityOptions,
  then: (request: LabRequest) => Step,
  usual: Step = {},
): Promise<{ lab: Lab; once: (asked?: Ask) => Promise<Ended> }> {
  const lab = await startLab({ script: usual })
  const policies = reliability(options)
  const once = (asked: Ask = {}): Promise<Ended> => ask(lab.url, policies, asked)
  for (let call = 0; call < 6; call++) await once()
  lab.reset(then)
  return { lab, once }
}

const slowFirst = ({ index }: LabRequest): Step =>
  index === 0 ? { delayMs: slowMs, text: 'slow' } : { text: 'fast' }

test('what is slow to begin is sent again, and the faster answer counts', async () => {
  const { lab, once } = await warm(eager, slowFirst)
  await using _ = lab

  const answer = await once()

  expect(answer.error).toBeUndefined()
  expect(answer.text).toContain('fast')
  expect(answer.tookMs).toBeLessThan(slowMs / 2)
  expect(lab.requests).toHaveLength(2)
  expect(answer.events.map(({ type }) => type)).toEqual([
    'attempt-start',
    'hedge-started',
    'attempt-start',
    'attempt-end',
    'attempt-failed',
  ])
  expect(answer.events.at(-1)).toMatchObject({
    attempt: 1,
    fault: 'hedged-away',
    possiblyBilled: true,
  })
  await expect.poll(() => lab.requests[0]?.outcome).toBe('aborted-by-client')
})

test('where the first is faster after all, the second is given up', async () => {
  const { lab, once } = await warm(eager, ({ index }) => ({ delayMs: index === 0 ? 300 : slowMs }))
  await using _ = lab

  const answer = await once()

  expect(answer.error).toBeUndefined()
  expect(answer.events).toContainEqual(
    expect.objectContaining({ type: 'attempt-failed', attempt: 2, fault: 'hedged-away' }),
  )
  await expect.poll(() => lab.requests[1]?.outcome).toBe('aborted-by-client')
})

test('a second one that fails leaves the first its time', async () => {
  const { lab, once } = await warm(eager, ({ index }) =>
    index === 0 ? { delayMs: 300, text: 'slow' } : { fault: 'invalid-request' },
  )
  await using _ = lab

  const answer = await once()

  expect(answer.status).toBe(200)
  expect(answer.text).toContain('slow')
})

test('where both fail, the failure of the first is handed up', async () => {
  const { lab, once } = await warm(eager, ({ index }) =>
    index === 0 ? { delayMs: 200, fault: 'invalid-key' } : { fault: 'invalid-request' },
  )
  await using _ = lab

  const answer = await once()

  expect(answer.status).toBe(401)
  expect(lab.requests).toHaveLength(2)
})

test('both lines together send no more than the call may', async () => {
  const { lab, once } = await warm(eager, ({ index }) => ({
    fault: 'unavailable',
    ...(index === 0 ? { delayMs: 200 } : {}),
  }))
  await using _ = lab

  const answer = await once()

  expect(answer.status).toBe(503)
  expect(lab.requests).toHaveLength(3)
})

test('the last request of a call is one line’s alone, though both wait to send it', async () => {
  const patient = { ...eager, retry: { baseDelayMs: 200, random: () => 1 } }
  const { lab, once } = await warm(patient, ({ index }) => ({
    fault: 'unavailable',
    delayMs: index === 0 ? 100 : 50,
  }))
  await using _ = lab

  const answer = await once()

  expect(answer.status).toBe(503)
  expect(lab.requests).toHaveLength(3)
})

test.for<[string, ReliabilityOptions, Ask?]>([
  ['by default', { ...eager, hedge: false }],
  ['before enough is known', { ...eager, hedge: { minSamples: 7, maxShare: 1 } }],
  ['where the call may send one request only', { ...eager, retry: { maxAttempts: 1 } }],
  ['where the retry budget is spent', { ...eager, retry: { budgetShare: 0, budgetPerSecond: 0 } }],
  [
    'where the policy says no',
    { ...eager, hedge: { minSamples: 5, maxShare: 1, canHedge: () => false } },
  ],
  ['for another mode, which is another matter', eager, { streaming: false }],
])('nothing is sent twice %s', async ([, options, asked]) => {
  const { lab, once } = await warm(options, ({ index }) => ({ delayMs: index === 0 ? 200 : 0 }))
  await using _ = lab

  await once(asked)

  expect(lab.requests).toHaveLength(1)
})

test('a call whose first attempt has failed is for retry alone', async () => {
  const { lab, once } = await warm(
    { ...eager, retry: { baseDelayMs: 400, random: () => 0.9 } },
    ({ index }) => (index === 0 ? { fault: 'unavailable' } : {}),
    // The failure is there long before anybody would hedge.
    { delayMs: 100 },
  )
  await using _ = lab

  const answer = await once()

  expect(answer.events.some(({ type }) => type === 'hedge-started')).toBe(false)
  expect(lab.requests).toHaveLength(2)
})

test('nothing is sent twice once content has come, however slowly it goes on', async () => {
  const slowly = { text: 'a b c d e f', chunkDelayMs: 30 }
  await using lab = await startLab({ script: slowly })
  const policies = reliability({ ...eager, hedge: { minSamples: 3, maxShare: 1, quantile: 1 } })
  for (let call = 0; call < 4; call++) await ask(lab.url, policies)
  lab.reset({ ...slowly, chunkDelayMs: 25 })

  const answer = await ask(lab.url, policies)

  expect(answer.error).toBeUndefined()
  expect(lab.requests).toHaveLength(1)
})

test('a caller who aborts ends both, and leaves no listener behind', async () => {
  const { lab, once } = await warm(eager, () => ({ delayMs: slowMs }))
  await using _ = lab
  const controller = new AbortController()
  const reason = new Error('enough')
  setTimeout(() => controller.abort(reason), 200)

  const answer = await once({ signal: controller.signal })

  expect(answer.error).toBe(reason)
  expect(answer.faults).toEqual(['aborted', 'aborted'])
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  await expect
    .poll(() => lab.requests.map(({ outcome }) => outcome))
    .toEqual(['aborted-by-client', 'aborted-by-client'])
})

test('a good call leaves no listener behind either, hedged or not', async () => {
  const { lab, once } = await warm(eager, slowFirst)
  await using _ = lab
  const { signal } = new AbortController()

  await once({ signal })
  await once({ signal })

  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('both lines take a place of the limits, and give it back', async () => {
  const { lab, once } = await warm({ ...eager, concurrency: { max: 2 } }, ({ index }) =>
    index % 2 === 0 ? { delayMs: slowMs, text: 'slow' } : { text: 'fast' },
  )
  await using _ = lab

  for (let call = 0; call < 4; call++) {
    const answer = await once()
    expect(answer.error).toBeUndefined()
    expect(answer.tookMs).toBeLessThan(slowMs * 2)
    expect(answer.events.some(({ type }) => type === 'limit-reached')).toBe(false)
  }
})

test('an answer that won still ends with its caller', async () => {
  const { lab, once } = await warm(eager, ({ index }) =>
    index === 0 ? { delayMs: slowMs } : { text: 'word '.repeat(200), chunkDelayMs: 10 },
  )
  await using _ = lab
  const signal = AbortSignal.timeout(400)

  const answer = await once({ signal })

  expect(answer.error).toBe(signal.reason)
  expect(answer.text).toContain('word')
})

test('calls whose provider keeps something of them are not sent twice', async () => {
  await using lab = await startLab()
  const policies = reliability(eager)
  const { callTo, send } = await import('../../testing/exchange.ts')
  const once = async (change: object): Promise<void> => {
    const { call } = callTo(lab.url, { wire: 'openai-responses' })
    const changed = call.with({ request: { ...call.request, ...change } })
    const reply = await policies(changed, send)
    while ((await reply.next()) !== undefined);
  }
  for (let call = 0; call < 6; call++) await once({})
  lab.reset(({ index }) => ({ delayMs: index % 2 === 0 ? 200 : 0 }))

  await once({ extra: { background: true } })
  lab.reset(() => ({ delayMs: 200 }))
  await once({ extra: { conversation: 'conv_1' } })
  await once({ tools: [{ name: 'search', provider: { type: 'web_search' } }] })

  expect(lab.requests).toHaveLength(2)
})

describe('latencies', () => {
  test('never more than the share of the calls is sent twice, and no long wait earns a burst', () => {
    assert(
      property(
        double({ min: 0.01, max: 1, noNaN: true }),
        integer({ min: 1, max: 2_000 }),
        (share, calls) => {
          const latencies = new Latencies(10)
          let hedges = 0
          for (let call = 1; call <= calls; call++) {
            latencies.called(share)
            if (latencies.mayHedge) {
              latencies.hedged()
              hedges++
            }
            expect(hedges).toBeLessThanOrEqual(call * share + 1e-6)
          }
          const quiet = new Latencies(10)
          for (let call = 0; call < calls; call++) quiet.called(share)
          let burst = 0
          for (; quiet.mayHedge; burst++) quiet.hedged()
          expect(burst).toBeLessThanOrEqual(5)
        },
      ),
    )
  })

  test('the quantile is of the last answers alone', () => {
    const latencies = new Latencies(100)
    expect(latencies.quantileMs(0.95, 20)).toBeUndefined()
    for (let tookMs = 1; tookMs <= 100; tookMs++) latencies.add(tookMs)
    expect(latencies.quantileMs(0.95, 20)).toBe(95)
    for (let tookMs = 1; tookMs <= 100; tookMs++) latencies.add(1_000 + tookMs)
    expect(latencies.quantileMs(0.95, 20)).toBe(1_095)
  })
})
