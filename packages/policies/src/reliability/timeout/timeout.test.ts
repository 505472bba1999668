import { getEventListeners } from 'node:events'
import { HoldfastError } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import type { Step } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask, callTo, changedReply, send } from '../../testing/exchange.ts'
import type { Ask } from '../../testing/exchange.ts'
import { sendOverHttp } from '../../testing/http-transport.ts'
import { reliability } from '../reliability.ts'
import { timeout } from './timeout.ts'
import type { TimeoutOptions } from './timeout.ts'

interface Case {
  readonly what: string
  readonly script: Step
  readonly options: TimeoutOptions
  readonly ask?: Ask
  readonly code: string
  readonly message: RegExp
}

const cases: readonly Case[] = [
  {
    what: 'no headers',
    script: { fault: 'header-stall' },
    options: { headersMs: 100 },
    code: 'CALL_TIMED_OUT',
    message: /127\.0\.0\.1:\d+ timed out: no headers within 100 ms/,
  },
  {
    what: 'headers, then nothing',
    script: { fault: 'stall-after-headers' },
    options: { firstContentMs: 100 },
    code: 'CALL_TIMED_OUT',
    message: /timed out: no content within 100 ms/,
  },
  {
    what: 'headers, then keep-alive bytes alone',
    script: { fault: { name: 'stall-before-content', everyMs: 10 } },
    options: { firstContentMs: 150 },
    code: 'CALL_TIMED_OUT',
    message: /timed out: no content within 150 ms/,
  },
  {
    what: 'some content, then nothing',
    script: { fault: 'stall-mid-stream' },
    options: { betweenContentMs: 100 },
    code: 'STREAM_STALLED',
    message: /timed out: no more content for 100 ms/,
  },
  {
    what: 'some content, then keep-alive bytes alone',
    script: { fault: { name: 'stall-with-pings', everyMs: 10 } },
    options: { betweenContentMs: 150 },
    code: 'STREAM_STALLED',
    message: /timed out: no more content for 150 ms/,
  },
  {
    what: 'half a whole body',
    script: { fault: 'stall-mid-body' },
    options: { betweenContentMs: 100 },
    ask: { streaming: false },
    code: 'CALL_TIMED_OUT',
    message: /timed out: no body within 100 ms/,
  },
  {
    what: 'content that flows for ever',
    script: { text: 'word '.repeat(400), chunkDelayMs: 10 },
    options: { totalMs: 200 },
    code: 'CALL_TIMED_OUT',
    message: /timed out: the call had 200 ms/,
  },
  {
    what: 'an attempt that takes too long',
    script: { fault: 'header-stall' },
    options: { attemptMs: 100 },
    code: 'CALL_TIMED_OUT',
    message: /timed out: the attempt had 100 ms/,
  },
  {
    what: 'a caller that waits no longer',
    script: { fault: 'header-stall' },
    options: {},
    ask: { patienceMs: 120 },
    code: 'CALL_TIMED_OUT',
    message: /timed out: the call had 120 ms/,
  },
]

test.concurrent.for(cases.map((one) => [one.what, one] as const))(
  '%s ends with a clear error, and the request upstream is given up',
  async ([, { script, options, code, message, ask: asked }], { expect }) => {
    await using lab = await startLab({ script })

    const answer = await ask(lab.url, timeout(options), asked)

    expect(answer.error).toBeInstanceOf(HoldfastError)
    expect(answer.error).toMatchObject({ code, retryable: true })
    expect(String(answer.error)).toMatch(message)
    expect((answer.error as Error).name).not.toBe('AbortError')
    expect(answer.tookMs).toBeLessThan(900)
    await expect.poll(() => lab.requests[0]?.outcome).toBe('aborted-by-client')
  },
)

test('a connection that is not made in time ends the attempt, and nothing was sent', async () => {
  await using lab = await startLab()
  using http = sendOverHttp({ lookup: () => {} })
  const { call } = callTo(lab.url.replace('127.0.0.1', 'a-name-that-nobody-resolves.example'))

  const outcome = timeout({ connectMs: 80 })(call, http)

  await expect(outcome).rejects.toThrow(/timed out: no connection within 80 ms/)
  await expect(outcome).rejects.toMatchObject({ code: 'CALL_TIMED_OUT', fault: 'not-connected' })
  expect(lab.requests).toHaveLength(0)
})

test('a connection that is made ends the connect timeout', async () => {
  await using lab = await startLab({ script: { delayMs: 150 } })
  using http = sendOverHttp()
  const { call } = callTo(lab.url)

  await expect(timeout({ connectMs: 60 })(call, http)).resolves.toMatchObject({ status: 200 })
})

test('a transport that tells of reused connections lets a reset on one pass for stale', async () => {
  await using lab = await startLab({
    script: [{}, { fault: 'reused-socket-reset' }, { text: 'fresh' }],
  })
  using http = sendOverHttp()
  const policies = reliability({ retry: { baseDelayMs: 10_000 } })
  await ask(lab.url, (call) => policies(call, http))
  await new Promise((resolve) => setTimeout(resolve, 50))

  const answer = await ask(lab.url, (call) => policies(call, http))

  expect(answer.error).toBeUndefined()
  expect(answer.faults).toEqual(['stale-connection'])
  expect(answer.tookMs).toBeLessThan(1_000)
})

test('a slow reader is no stall', async () => {
  await using lab = await startLab({ script: { text: 'one two three four' } })
  const { call } = callTo(lab.url)

  const reply = await timeout({ betweenContentMs: 60, firstContentMs: 60 })(call, send)
  let frames = 0
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    if (frames++ < 3) await new Promise((resolve) => setTimeout(resolve, 120))
  }

  expect(reply.complete()).toBe(true)
})

test('content that keeps flowing outlives the deadline that the caller announced for its beginning', async () => {
  await using lab = await startLab({ script: { text: 'word '.repeat(60), chunkDelayMs: 25 } })

  const answer = await ask(lab.url, timeout(), { patienceMs: 900 })

  expect(answer.error).toBeUndefined()
  expect(answer.tookMs).toBeGreaterThan(1_000)
})

test('a stream that stops is not waited for longer than the caller announced', async () => {
  await using lab = await startLab({ script: { fault: 'stall-mid-stream' } })

  const answer = await ask(lab.url, timeout(), { patienceMs: 200 })

  expect(answer.error).toMatchObject({ code: 'STREAM_STALLED' })
  expect(answer.tookMs).toBeLessThan(1_000)
})

describe('an abort by the caller', () => {
  const reason = new Error('the user left')
  const scripts: readonly (readonly [string, Step])[] = [
    ['before the headers', { fault: 'header-stall' }],
    ['before the first content', { fault: 'stall-after-headers' }],
    ['in the middle of the stream', { fault: 'stall-mid-stream' }],
  ]

  test.concurrent.for(scripts)('%s passes as it is', async ([, script], { expect }) => {
    await using lab = await startLab({ script })
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 100)

    const answer = await ask(lab.url, timeout(), { signal: controller.signal })

    expect(answer.error).toBe(reason)
    expect(answer.tookMs).toBeLessThan(900)
    await expect.poll(() => lab.requests[0]?.outcome).toBe('aborted-by-client')
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  test('that came before sends nothing', async () => {
    await using lab = await startLab()

    const answer = await ask(lab.url, timeout(), { signal: AbortSignal.abort(reason) })

    expect(answer.error).toBe(reason)
    expect(lab.requests).toHaveLength(0)
  })
})

test('a transport that ignores its signal is left behind, and its late answer is closed', async () => {
  await using lab = await startLab({ script: { fault: { name: 'header-stall', stallMs: 250 } } })
  const { call } = callTo(lab.url)
  const never = new AbortController()
  let cancelled = 0

  const outcome = timeout({ headersMs: 80 })(call, async (inner) => {
    const reply = await send(inner.with({ signal: never.signal }))
    return changedReply(reply, { cancel: (reason) => (cancelled++, reply.cancel(reason)) })
  })

  await expect(outcome).rejects.toThrow('timed out')
  await expect.poll(() => cancelled).toBe(1)
})

test('a body that ignores the signal is closed, and the reader gets the error', async () => {
  await using lab = await startLab({ script: { fault: 'stall-mid-stream' } })
  const never = new AbortController()

  const answer = await ask(lab.url, (call, next) =>
    timeout({ betweenContentMs: 80 })(call, (inner) => next(inner.with({ signal: never.signal }))),
  )

  expect(answer.error).toMatchObject({ code: 'STREAM_STALLED' })
  await expect.poll(() => lab.requests[0]?.outcome).toBe('aborted-by-client')
})
