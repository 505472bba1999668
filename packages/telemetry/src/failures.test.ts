import { childRun, HoldfastError } from '@holdfast/core'
import type { LlmCall, LlmReply, ReplyEvent } from '@holdfast/core'
import { SpanStatusCode } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import type { RunSummary } from './run-summary.ts'
import { telemetry } from './telemetry.ts'
import { OpenTelemetrySetup } from './testing/open-telemetry-setup.ts'
import {
  ask,
  goodAnswer,
  goodAnswerUsd,
  llmCall,
  send,
  startProvider,
  startServer,
} from './testing/provider.ts'

/** As Anthropic does: input tokens at the start, a first count of the output with them. */
const earlyUsage: readonly ReplyEvent[] = [
  { type: 'message-start', id: 'msg-2', model: 'claude-sonnet-4-5' },
  { type: 'usage', usage: { inputTokens: 1000, outputTokens: 1 } },
  { type: 'text-delta', choice: 0, text: 'The secret' },
  { type: 'text-delta', choice: 0, text: ' word' },
  { type: 'text-delta', choice: 0, text: ' is' },
]

test('a stream that the caller drops tells what was seen, as aborted and incomplete', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider([...earlyUsage, ...goodAnswer], { gapMs: 20 })
  const watcher = telemetry()

  const call = llmCall(provider.url, { model: 'claude-sonnet-4-5', provider: 'anthropic' })
  const reply = await watcher.llm(call, send)
  await reply.next()
  await reply.next()
  await reply.next()
  await reply.cancel()

  const { attributes, status } = await setup.span('chat claude-sonnet-4-5')
  expect(status.code).toBe(SpanStatusCode.UNSET)
  expect(attributes).toMatchObject({
    'error.type': 'aborted',
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 1,
    'holdfast.usage.complete': false,
    'holdfast.cost.usd': expect.closeTo((1000 * 3 + 15) / 1e6, 9),
  })
  await watcher.shutdown()
})

test('a caller that stops reading after the end mark has not aborted', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()

  const reply = await watcher.llm(llmCall(provider.url), send)
  for (let bytes = 0; bytes < wholeLength(goodAnswer);) {
    bytes += (await reply.next())?.bytes.byteLength ?? 0
  }
  await reply.cancel()

  const { attributes } = await setup.span('chat gpt-4o-mini')
  expect(attributes).not.toHaveProperty('error.type')
  expect(attributes['gen_ai.usage.output_tokens']).toBe(200)
  await watcher.shutdown()
})

test('an aborted signal is an abort, before and inside the answer', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider([...earlyUsage, ...goodAnswer], { gapMs: 30 })
  const watcher = telemetry()
  const controller = new AbortController()

  const reply = await watcher.llm(llmCall(provider.url, { signal: controller.signal }), send)
  await reply.next()
  controller.abort()
  await expect(readOn(reply)).rejects.toThrow(/abort/i)
  const again = watcher.llm(llmCall(provider.url, { signal: controller.signal }), send)
  await expect(again).rejects.toThrow(/abort/i)

  const spans = await setup.spans()
  expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['aborted', 'aborted'])
  await watcher.shutdown()
})

test('a stream cut by the network is an error with the usage seen so far', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(earlyUsage, { gapMs: 5, cut: true })
  const watcher = telemetry()

  await expect(ask(watcher.llm, llmCall(provider.url))).rejects.toThrow('terminated')

  const { attributes, status } = await setup.span('chat gpt-4o-mini')
  expect(status.code).toBe(SpanStatusCode.ERROR)
  expect(attributes).toMatchObject({
    'error.type': 'UND_ERR_SOCKET',
    'gen_ai.usage.input_tokens': 1000,
    'holdfast.usage.complete': false,
  })
  await watcher.shutdown()
})

test('a stream that ends without its end mark is told as incomplete', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(earlyUsage)
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url))

  const { attributes } = await setup.span('chat gpt-4o-mini')
  expect(attributes['error.type']).toBe('STREAM_INCOMPLETE')
  expect(attributes['holdfast.usage.complete']).toBe(false)
  await watcher.shutdown()
})

test('an answer without a word about usage leaves it unknown and says so', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer.filter(({ type }) => type !== 'usage'))
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url))

  const { attributes } = await setup.span('chat gpt-4o-mini')
  expect(attributes['holdfast.usage.complete']).toBe(false)
  expect(attributes).not.toHaveProperty('gen_ai.usage.input_tokens')
  expect(attributes).not.toHaveProperty('gen_ai.usage.output_tokens')
  expect(attributes).not.toHaveProperty('holdfast.cost.usd')
  await watcher.shutdown()
})

test("a refusal of the provider is an error with the provider's word for it, without its message", async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startServer((_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end(
      '{"code":"invalid_api_key","message":"Incorrect API key provided: sk-in-the-body"}',
    )
  })
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url))

  const span = await setup.span('chat gpt-4o-mini')
  expect(span.attributes['error.type']).toBe('invalid_api_key')
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR })
  await watcher.shutdown()
})

test('an error of our own is told by its code and message', async () => {
  await using setup = new OpenTelemetrySetup()
  const watcher = telemetry()

  const refused = watcher.llm(llmCall('http://127.0.0.1:9'), () =>
    Promise.reject(new HoldfastError('CIRCUIT_OPEN', '127.0.0.1:9 failed 5 times in 30 s')),
  )
  await expect(refused).rejects.toThrow('CIRCUIT_OPEN')

  const span = await setup.span('chat gpt-4o-mini')
  expect(span.attributes['error.type']).toBe('CIRCUIT_OPEN')
  expect(span.status.message).toBe('[CIRCUIT_OPEN] 127.0.0.1:9 failed 5 times in 30 s')
  await watcher.shutdown()
})

test('retries and a fallback are events of the one span; tokens and cost are those of the answer', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()
  const told: string[] = []
  const call = llmCall(provider.url, {
    model: 'gpt-4o',
    emit: ({ type }) => void told.push(type),
  })

  await ask(watcher.llm, call, (inner) => failTwiceThenFallBack(inner))

  const { attributes, events } = await setup.span('chat gpt-4o')
  expect(attributes).toMatchObject({
    'holdfast.attempts': 3,
    'holdfast.attempts.possibly_billed': 1,
    'holdfast.fallback': 'openai/gpt-4o-mini',
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 200,
    'holdfast.cost.usd': expect.closeTo(goodAnswerUsd, 9),
  })
  expect(events.map(({ name }) => name)).toEqual([
    'holdfast.attempt_start',
    'holdfast.attempt_failed',
    'holdfast.retry_scheduled',
    'holdfast.attempt_start',
    'holdfast.attempt_failed',
    'holdfast.fallback_taken',
    'holdfast.attempt_start',
    'holdfast.attempt_end',
  ])
  expect(events[1]?.attributes).toEqual({
    'holdfast.attempt': 1,
    'holdfast.fault': 'overloaded',
    'holdfast.possibly_billed': false,
    'http.response.status_code': 529,
  })
  expect(events[2]?.attributes).toMatchObject({ 'holdfast.delay_ms': 100 })
  expect(told).toHaveLength(8)
  expect(await total(setup, 'gen_ai.client.token.usage')).toBe(1200)
  expect(await total(setup, 'holdfast.client.calls')).toBe(1)
  expect(await total(setup, 'holdfast.client.attempts')).toBe(3)
  expect(await total(setup, 'holdfast.client.attempts.possibly_billed')).toBe(1)
  expect(await total(setup, 'holdfast.client.cost')).toBeCloseTo(goodAnswerUsd, 9)
  await watcher.shutdown()
})

test('an answer that went on with another attempt shows its seam, on the span and in the run log', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const summaries: RunSummary[] = []
  const watcher = telemetry({ onRunEnd: (summary) => summaries.push(summary) })
  const run = childRun({ id: 'with-a-seam' })

  await watcher.run(run, () =>
    ask(
      async (call, next) =>
        watcher.llm(call, async (inner) => {
          inner.emit({ type: 'answer-continued', characters: 120 })
          return next(inner)
        }),
      llmCall(provider.url, { run }),
    ),
  )
  await watcher.flush()

  const span = await setup.span('chat gpt-4o-mini')
  expect(span.attributes['holdfast.continued']).toBe(1)
  expect(span.events).toMatchObject([
    { name: 'holdfast.answer_continued', attributes: { 'holdfast.characters': 120 } },
  ])
  expect(summaries[0]?.continued).toBe(1)
  await watcher.shutdown()
})

test('what a provider of another format was not told is named, on the span and in the run log', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const summaries: RunSummary[] = []
  const watcher = telemetry({ onRunEnd: (summary) => summaries.push(summary) })
  const run = childRun({ id: 'with-a-loss' })
  const loss = { what: 'document by URL', where: 'messages[0]', severity: 'meaning' } as const

  await watcher.run(run, () =>
    ask(
      async (call, next) =>
        watcher.llm(call, async (inner) => {
          inner.emit({ type: 'content-dropped', to: 'api.example.com/other', loss })
          return next(inner)
        }),
      llmCall(provider.url, { run }),
    ),
  )
  await watcher.flush()

  const span = await setup.span('chat gpt-4o-mini')
  expect(span.attributes['holdfast.dropped']).toEqual(['document by URL'])
  expect(span.events).toMatchObject([
    {
      name: 'holdfast.content_dropped',
      attributes: {
        'holdfast.to': 'api.example.com/other',
        'holdfast.what': 'document by URL',
        'holdfast.where': 'messages[0]',
        'holdfast.severity': 'meaning',
      },
    },
  ])
  expect(summaries[0]?.dropped).toEqual(['document by URL'])
  await watcher.shutdown()
})

test('what a policy decides about a call stands on its span, with its score', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()
  const made = {
    policy: 'governance.confidence',
    verdict: 'warn',
    rule: 'confidence.review',
  } as const
  const about = { kind: 'model', name: 'gpt-4o-mini' } as const

  await ask(
    async (call, next) =>
      watcher.llm(call, async (inner) => {
        const { id: callId, run } = inner
        const decision = { ...made, enforced: true, reason: 'it scores 0.5', score: 0.5 }
        const reply = await next(inner)
        inner.emit({
          type: 'decision-made',
          decision: { ...decision, subject: about, callId, run },
        })
        return reply
      }),
    llmCall(provider.url),
  )
  await watcher.flush()

  const span = await setup.span('chat gpt-4o-mini')
  expect(span.events).toMatchObject([
    {
      name: 'holdfast.decision_made',
      attributes: {
        'holdfast.policy': 'governance.confidence',
        'holdfast.verdict': 'warn',
        'holdfast.rule': 'confidence.review',
        'holdfast.enforced': true,
        'holdfast.score': 0.5,
      },
    },
  ])
  await watcher.shutdown()
})

test('a resend by the SDK above is counted as attempts of the same call', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url))
  await ask(watcher.llm, llmCall(provider.url, { resend: 1 }))

  expect(await total(setup, 'holdfast.client.calls')).toBe(1)
  expect(await total(setup, 'holdfast.client.attempts')).toBe(2)
  await watcher.shutdown()
})

async function failTwiceThenFallBack(call: LlmCall): Promise<LlmReply> {
  const { emit, provider, host } = call
  const start = (attempt: number, model: string): void =>
    emit({ type: 'attempt-start', attempt, provider, host, model, atMs: performance.now() })
  const fail = (attempt: number, fault: string, status: number, possiblyBilled: boolean): void =>
    emit({
      type: 'attempt-failed',
      attempt,
      atMs: performance.now(),
      fault,
      failure: { status, message: 'sk-in-the-message' },
      possiblyBilled,
    })
  start(1, 'gpt-4o')
  fail(1, 'overloaded', 529, false)
  emit({ type: 'retry-scheduled', attempt: 2, delayMs: 100, reason: 'overloaded' })
  start(2, 'gpt-4o')
  fail(2, 'bad-gateway', 502, true)
  emit({
    type: 'fallback-taken',
    from: 'openai/gpt-4o',
    to: 'openai/gpt-4o-mini',
    reason: 'bad-gateway',
  })
  start(3, 'gpt-4o-mini')
  const reply = await send(call.with({ model: 'gpt-4o-mini' }))
  emit({ type: 'attempt-end', attempt: 3, atMs: performance.now(), status: reply.status })
  return reply
}

async function readOn(reply: LlmReply): Promise<void> {
  while ((await reply.next()) !== undefined);
}

async function total(setup: OpenTelemetrySetup, metric: string): Promise<number> {
  const points = await setup.points(metric)
  const values = points.map(({ value }) => (typeof value === 'number' ? value : (value.sum ?? 0)))
  return values.reduce((sum, value) => sum + value, 0)
}

function wholeLength(events: readonly ReplyEvent[]): number {
  return events.reduce((sum, event) => sum + JSON.stringify(event).length + 1, 0)
}
