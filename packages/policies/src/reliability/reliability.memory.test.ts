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
