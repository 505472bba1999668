import { getEventListeners } from 'node:events'
import { bytesBody, httpHeaders, openReply } from '@holdfast/core'
import type { LlmCall, LlmReply } from '@holdfast/core'
import { expect, test } from 'vitest'
import { callTo } from '../testing/exchange.ts'
import { reliability } from './reliability.ts'

const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'word '.repeat(200) },
      finish_reason: 'stop',
    },
  ],
})
const failure = JSON.stringify({ error: { message: 'x'.repeat(2_000), type: 'server_error' } })

test('memory stays flat over many calls, good ones and failed ones', async () => {
  const policies = reliability({
    retry: { maxAttempts: 2, baseDelayMs: 0 },
    circuitBreaker: false,
    resendGuard: { maxRecords: 100 },
  })
  let calls = 0
  const round = async (): Promise<number> => {
    for (let call = 0; call < 4_000; call++) {
      const reply = await policies(
        callTo('http://a.example', { streaming: false, prompt: `${calls++}` }).call,
        here,
      )
      for (let frame = await reply.next(); frame !== undefined;) frame = await reply.next()
    }
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  await round()

  const before = await round()
  const after = await round()

  expect(after - before).toBeLessThan(1_000_000)
}, 60_000)

test('memory stays flat over many streams: good, broken, hedged and continued ones', async () => {
  const policies = reliability({
    retry: { baseDelayMs: 0 },
    circuitBreaker: false,
    resendGuard: { maxRecords: 100 },
    hedge: { minSamples: 10, maxShare: 0.5, quantile: 0.1 },
    continueText: true,
  })
  const { signal } = new AbortController()
  let calls = 0
  const round = async (): Promise<number> => {
    for (let call = 0; call < 1_500; call++) {
      const made = callTo('http://a.example', { prompt: `${calls++}`, signal })
      try {
        const reply = await policies(made.call, hereInPieces)
        for (let frame = await reply.next(); frame !== undefined;) frame = await reply.next()
      } catch {
        // Every third stream breaks, and some of those that were continued break again.
      }
    }
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  await round()

  const before = await round()
  const after = await round()

  expect(after - before).toBeLessThan(1_000_000)
  expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1)
}, 60_000)

let streams = 0

/** An innermost step without a network: every third stream breaks in the middle. */
async function hereInPieces(call: LlmCall): Promise<LlmReply> {
  const breaks = streams++ % 3 === 0
  let at = 0
  const read = async (): Promise<Uint8Array | undefined> => {
    if (at === 0) await new Promise((resolve) => setImmediate(resolve))
    if (breaks && at === 20) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    return pieces[at++]
  }
  return openReply(call, {
    status: 200,
    statusText: '',
    headers: httpHeaders({ 'content-type': 'text/event-stream' }),
    body: { read, readAll: async () => Buffer.concat(pieces), cancel: async () => {} },
  })
}

const pieces = [
  ...Array.from({ length: 40 }, (_, index) => piece({ content: `word ${index} ` }, null)),
  piece({}, 'stop'),
  Buffer.from('data: [DONE]\n\n'),
]

function piece(delta: object, finish_reason: string | null): Buffer {
  const chunk = { id: 'chatcmpl-1', choices: [{ index: 0, delta, finish_reason }] }
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`)
}

/** An innermost step without a network: every fifth answer is a failure. */
async function here(call: LlmCall): Promise<LlmReply> {
  const failed = Number(/"(\d+)"/.exec(String(call.http.body))?.[1]) % 5 === 0
  return openReply(call, {
    status: failed ? 500 : 200,
    statusText: '',
    headers: httpHeaders({ 'content-type': 'application/json' }),
    body: bytesBody(Buffer.from(failed ? failure : answer)),
  })
}
