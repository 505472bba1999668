import { setTimeout } from 'node:timers/promises'
import { getEventListeners } from 'node:events'
import { compose } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import type { FaultName, Step } from '@holdfast/lab'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, callTo, changedReply, send, wireNames } from '../testing/exchange.ts'
import { commit } from './commit/commit.ts'
import { faults } from './faults/faults.ts'
import { reliability } from './reliability.ts'
import { retry } from './retry/retry.ts'
import { timeout } from './timeout/timeout.ts'

test('every row of the decision table has its place', () => {
  const rows = new Set(Object.values(faults).map(({ row }) => row))

  for (let row = 1; row <= 38; row++) expect(rows, `row ${row}`).toContain(row)
})

test.for(wireNames)('%s: a good answer passes byte for byte, after one request', async (wire) => {
  await using lab = await startLab({ script: { text: 'a good answer ✓ of several words' } })
  for (const streaming of [true, false]) {
    lab.reset()
    const bare = await ask(lab.url, (call, next) => next(call), { wire, streaming })
    lab.reset()
    const held = await ask(lab.url, reliability(), { wire, streaming })

    expect(held.text).toBe(bare.text)
    expect(held.faults).toEqual([])
    expect(lab.requests).toHaveLength(1)
    expect(held.events.map(({ type }) => type)).toEqual(['attempt-start', 'attempt-end'])
  }
})

test('each member can be switched off', async () => {
  await using lab = await startLab({ script: { fault: 'unavailable' } })
  const policies = reliability({
    resendGuard: false,
    fallback: false,
    retry: false,
    circuitBreaker: false,
    commit: false,
    timeout: false,
  })

  const answer = await ask(lab.url, policies)

  expect(answer.status).toBe(503)
  expect(lab.requests).toHaveLength(1)
  expect(answer.reply?.headers.get('x-should-retry')).toBeNull()
})

test('all attempts together end by the deadline that the caller announced', async () => {
  await using lab = await startLab({ script: { fault: 'header-stall' } })

  const answer = await ask(lab.url, reliability({ timeout: { headersMs: 900 } }), {
    patienceMs: 1_000,
  })

  // Three attempts would take 2,700 ms.
  expect(answer.tookMs).toBeLessThan(2_000)
  expect(answer.error).toMatchObject({ code: 'CALL_TIMED_OUT' })
  expect(lab.requests.length).toBeLessThanOrEqual(2)
})

test('a format that breaks while it reads changes no good answer', async () => {
  await using lab = await startLab({ script: { text: 'good' } })
  const { call } = callTo(lab.url)

  const reply = await reliability()(call, async (inner) => {
    const good = await send(inner)
    return changedReply(good, {
      async next() {
        const frame = await good.next()
        if (frame === undefined) return undefined
        return {
          bytes: frame.bytes,
          get events(): never {
            throw new Error('a bug of ours')
          },
        }
      },
    })
  })

  let text = ''
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    text += new TextDecoder().decode(frame.bytes)
  }
  expect(text).toContain('good')
})

test('a listener that breaks changes nothing', async () => {
  await using lab = await startLab({ script: [{ fault: 'unavailable' }, { text: 'good' }] })
  const { call } = callTo(lab.url)
  const deaf = call.with({
    emit() {
      throw new Error('a bug of whoever listens')
    },
  })

  await expect(reliability({ retry: { baseDelayMs: 1 } })(deaf, send)).resolves.toMatchObject({
    status: 200,
  })
})

test('no listener stays on a signal that lives longer than its calls', async () => {
  await using lab = await startLab({
    script: ({ index }): Step => (index % 3 === 0 ? { fault: 'reset-mid-stream' } : {}),
  })
  const controller = new AbortController()
  const policies = reliability({ retry: { baseDelayMs: 1 }, circuitBreaker: false })

  for (let call = 0; call < 12; call++) {
    await ask(lab.url, policies, { signal: controller.signal, streaming: call % 2 === 0 })
  }

  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
})

test('members put together by hand do their part too', async () => {
  await using lab = await startLab({ script: [{ fault: 'cut-before-content' }, { text: 'good' }] })
  const { call } = callTo(lab.url)

  const line = compose([retry({ baseDelayMs: 1 }), commit(), timeout()], send)
  const reply = await line(call)

  expect(reply.status).toBe(200)
  expect(lab.requests).toHaveLength(2)
  await reply.cancel()
})

const names: readonly (FaultName | undefined)[] = [
  undefined,
  'reset-before-headers',
  'close-before-headers',
  'header-stall',
  'rate-limited-ms',
  'rate-limited-long',
  'rate-limited-no-header',
  'quota-exhausted',
  'overloaded',
  'server-error',
  'unavailable-html',
  'bad-gateway',
  'request-timeout',
  'conflict',
  'invalid-request',
  'context-length',
  'model-not-found',
  'html-200',
  'empty-200',
  'truncated-json-200',
  'reset-mid-body',
  'stall-mid-body',
  'overloaded-event-first',
  'error-event-mid',
  'stall-after-headers',
  'stall-before-content',
  'stall-mid-stream',
  'stall-with-pings',
  'reset-before-content',
  'reset-mid-stream',
  'reset-after-terminal',
  'linger-after-terminal',
  'empty-stream',
  'cut-before-content',
  'end-without-terminal',
  'end-after-content',
  'cut-last-line',
  'one-byte-chunks',
]

test('whatever goes wrong in whatever order: few requests, a whole answer or an error, and an end', async () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...wireNames),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 2 }),
        fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined, freq: 4 }),
        fc.constantFrom('plain', 'hedged', 'continued', 'both'),
        async (sequence, wire, streaming, maxAttempts, sharp, targets, abortAfterMs, extra) => {
          const script = sequence.map((name): Step =>
            name === undefined
              ? {}
              : { fault: { name, everyMs: 10, retryAfterMs: retryAfterOf(name) } },
          )
          await using lab = await startLab({
            script: ({ callIndex }) => script[callIndex % script.length] ?? {},
          })
          const policies = reliability({
            retry: { maxAttempts, baseDelayMs: 2, overloadedBaseDelayMs: 5, maxDelayMs: 500 },
            commit: { lingerMs: 30 },
            timeout: { headersMs: 150, firstContentMs: 150, betweenContentMs: 150, totalMs: 3_000 },
            circuitBreaker: sharp ? { failures: 2 } : false,
            hedge: (extra === 'hedged' || extra === 'both') && { minSamples: 1, maxShare: 1 },
            continueText: extra === 'continued' || extra === 'both',
            fallback: { to: [{ model: 'second' }, { model: 'third' }].slice(0, targets) },
          })
          const signal = abortAfterMs === undefined ? undefined : AbortSignal.timeout(abortAfterMs)
          const sends = [0, 1, 2]
          if (extra !== 'plain') {
            lab.reset({})
            for (let call = 0; call < 2; call++) await ask(lab.url, policies, { wire, streaming })
            // A hedge that was given up may still be on its way.
            await setTimeout(20)
            lab.reset(({ callIndex }) => script[callIndex % script.length] ?? {})
          }

          for (const resend of sends) {
            const answer = await ask(lab.url, policies, {
              wire,
              streaming,
              resend,
              ...(signal === undefined ? {} : { signal }),
            })
            expect(answer.tookMs).toBeLessThan(4_000)
            if (answer.error === undefined && answer.status === 200) {
              expect(answer.reply?.complete()).toBe(true)
              break
            }
            if (answer.status === 200 && answer.error === undefined) break
            // What SDKs do not send again, this client does not either.
            if (answer.status !== undefined && answer.status < 500 && answer.status !== 429) break
          }

          expect(lab.requests.length).toBeLessThanOrEqual(maxAttempts + targets)
          // A second line of attempts waits for nobody.
          if (extra === 'hedged' || extra === 'both') return
          for (const [index, { atMs, fault, model }] of lab.requests.entries()) {
            const next = lab.requests.slice(index + 1).find((other) => other.model === model)
            if (fault !== 'rate-limited-ms' || next === undefined) continue
            expect(next.atMs - atMs).toBeGreaterThanOrEqual(60)
          }
        },
      ),
      { numRuns: 80, endOnFailure: true },
    )
  } finally {
    process.off('unhandledRejection', note)
  }
  expect(rejections).toEqual([])
}, 60_000)

function retryAfterOf(name: FaultName): number {
  return name === 'rate-limited-long' ? 3_600_000 : 60
}
