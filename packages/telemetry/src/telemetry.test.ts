import { childRun, enterRun } from '@holdfast/core'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { telemetry } from './telemetry.ts'
import { OpenTelemetrySetup } from './testing/open-telemetry-setup.ts'
import { ask, goodAnswer, goodAnswerUsd, llmCall, send, startProvider } from './testing/provider.ts'

test('a streamed call becomes a client span with what was asked, answered, used and paid', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer, { gapMs: 5 })
  const watcher = telemetry()

  const call = llmCall(provider.url, { request: { temperature: 0.5, maxOutputTokens: 300 } })
  await ask(watcher.llm, call)

  const span = await setup.span('chat gpt-4o-mini')
  expect(span.kind).toBe(SpanKind.CLIENT)
  expect(span.status.code).toBe(SpanStatusCode.UNSET)
  expect(span.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.request.stream': true,
    'gen_ai.request.temperature': 0.5,
    'gen_ai.request.max_tokens': 300,
    'gen_ai.response.id': 'msg-1',
    'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.response.time_to_first_chunk': expect.any(Number),
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 200,
    'gen_ai.usage.cache_read.input_tokens': 400,
    'gen_ai.usage.reasoning.output_tokens': 50,
    'holdfast.attempts': 1,
    'holdfast.cost.usd': expect.closeTo(goodAnswerUsd, 9),
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(provider.url).port),
  })
  expect(span.duration[1]).toBeGreaterThan(20e6)
  expect(span.events).toEqual([])
  await watcher.shutdown()
})

test('the answer passes as it came', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()

  const text = await ask(watcher.llm, llmCall(provider.url))

  expect(text).toBe(goodAnswer.map((event) => `${JSON.stringify(event)}\n`).join(''))
  expect(await setup.spans()).toHaveLength(1)
  await watcher.shutdown()
})

test('a whole answer has its usage too, and no time to first chunk', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url, { streaming: false }))

  const { attributes } = await setup.span('chat gpt-4o-mini')
  expect(attributes['gen_ai.usage.output_tokens']).toBe(200)
  expect(attributes).not.toHaveProperty('gen_ai.response.time_to_first_chunk')
  expect(attributes).not.toHaveProperty('gen_ai.request.stream')
  await watcher.shutdown()
})

test('spans made inside a call nest below it, and calls below the run', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()
  const run = childRun({ agent: 'researcher', session: 'thread-7', promptVersion: 'v3' })

  await enterRun(run, () =>
    watcher.run(run, () =>
      ask(watcher.llm, llmCall(provider.url, { run }), async (call) => {
        trace.getTracer('http').startSpan('POST').end()
        return send(call)
      }),
    ),
  )

  const agent = await setup.span('invoke_agent researcher')
  const chat = await setup.span('chat gpt-4o-mini')
  const http = await setup.span('POST')
  expect(http.parentSpanContext?.spanId).toBe(chat.spanContext().spanId)
  expect(chat.parentSpanContext?.spanId).toBe(agent.spanContext().spanId)
  expect(agent.kind).toBe(SpanKind.INTERNAL)
  expect(agent.attributes).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'researcher',
    'gen_ai.conversation.id': 'thread-7',
    'gen_ai.prompt.version': 'v3',
    'gen_ai.provider.name': 'openai',
    'holdfast.run.calls': 1,
    'holdfast.run.outcome': 'ok',
  })
  expect(chat.attributes).toMatchObject({
    'gen_ai.conversation.id': 'thread-7',
    'gen_ai.agent.name': 'researcher',
    'holdfast.run.id': run.id,
  })
  await watcher.shutdown()
})
