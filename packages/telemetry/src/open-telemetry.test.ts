import { childRun } from '@holdfast/core'
import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  ValueType,
} from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import {
  clientKind,
  errorStatus,
  internalKind,
  OpenTelemetry,
  spanOf,
  wholeNumbers,
  withSpan,
} from './open-telemetry.ts'
import { telemetry } from './telemetry.ts'
import { OpenTelemetrySetup } from './testing/open-telemetry-setup.ts'
import { ask, goodAnswer, llmCall, send, startProvider } from './testing/provider.ts'

const registryKey = Symbol.for('opentelemetry.js.api.1')

test('a set-up that registers later gets the calls from then on, with their metrics', async () => {
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()
  await ask(watcher.llm, llmCall(provider.url))

  await using setup = new OpenTelemetrySetup()
  await ask(watcher.llm, llmCall(provider.url, { model: 'gpt-4o' }))

  expect((await setup.spans()).map(({ name }) => name)).toEqual(['chat gpt-4o'])
  const points = await setup.points('gen_ai.client.token.usage')
  expect(points.map(({ attributes }) => attributes['gen_ai.token.type'])).toEqual([
    'input',
    'output',
  ])
  await watcher.shutdown()
})

test('a set-up made with an older copy of the API is joined too', async () => {
  await using provider = await startProvider(goodAnswer)
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor({ exporter })]
  const tracerProvider = new TracerProvider({ spanProcessors })
  const watcher = telemetry()
  const shared = globalThis as { [registryKey]?: object }
  // What an application's own @opentelemetry/api 1.9 leaves there; our newer copy does not answer from it.
  shared[registryKey] = { version: '1.9.0', trace: tracerProvider }

  const seenByOurCopy = trace.getTracer('app').startSpan('unseen').isRecording()
  await ask(watcher.llm, llmCall(provider.url))
  await watcher.shutdown()
  delete shared[registryKey]

  expect(seenByOurCopy).toBe(false)
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['chat gpt-4o-mini'])
})

test('a set-up that takes the place of another gets the spans after it', async () => {
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()
  {
    await using first = new OpenTelemetrySetup()
    await ask(watcher.llm, llmCall(provider.url))
    expect(await first.spans()).toHaveLength(1)
  }

  await using second = new OpenTelemetrySetup()
  await ask(watcher.llm, llmCall(provider.url))

  expect(await second.spans()).toHaveLength(1)
  await watcher.shutdown()
})

test("an application's span around a call is its parent", async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()

  const handled = await trace.getTracer('app').startActiveSpan('GET /answer', async (span) => {
    await ask(watcher.llm, llmCall(provider.url))
    span.end()
    return span.spanContext().spanId
  })

  const chat = await setup.span('chat gpt-4o-mini')
  expect(chat.parentSpanContext?.spanId).toBe(handled)
  await watcher.shutdown()
})

test('shutting the set-up down right after the last call loses neither its span nor its metrics', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url))
  const points = await setup.points('gen_ai.client.operation.duration')
  await ask(watcher.llm, llmCall(provider.url))
  const spans = await setup.spans()

  expect(points).toHaveLength(1)
  expect(spans).toHaveLength(2)
  await watcher.shutdown()
})

test('after shutdown the provider is as it was', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url))
  expect(Object.hasOwn(setup.tracerProvider, 'forceFlush')).toBe(true)
  await watcher.shutdown()

  expect(Object.hasOwn(setup.tracerProvider, 'forceFlush')).toBe(false)
  expect(Object.hasOwn(setup.tracerProvider, 'shutdown')).toBe(false)
})

test('durations and times to first chunk come in the buckets of the conventions', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer, { gapMs: 5 })
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url))
  await ask(watcher.llm, llmCall('http://127.0.0.1:1')).catch(() => {})

  const [good, bad] = await setup.points('gen_ai.client.operation.duration')
  const boundaries = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
  ]
  expect(good?.value).toMatchObject({ count: 1, buckets: { boundaries } })
  expect(good?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(provider.url).port),
  })
  expect(bad?.attributes['error.type']).toBeTypeOf('string')
  const [first] = await setup.points('gen_ai.client.operation.time_to_first_chunk')
  expect(first?.value).toMatchObject({ count: 1 })
  await watcher.shutdown()
})

test("contexts, spans in them and enumerations are the API's own", async () => {
  await using setup = new OpenTelemetrySetup()
  const span = trace.getTracer('app').startSpan('root')
  const { activeContext } = new OpenTelemetry()

  expect(trace.getSpan(withSpan(activeContext, span))).toBe(span)
  expect(spanOf(trace.setSpan(ROOT_CONTEXT, span))).toBe(span)
  expect(spanOf(ROOT_CONTEXT)).toBeUndefined()
  expect([clientKind, internalKind]).toEqual([SpanKind.CLIENT, SpanKind.INTERNAL])
  expect([errorStatus, wholeNumbers]).toEqual([SpanStatusCode.ERROR, ValueType.INT])
  expect(new OpenTelemetry().provider).toBe(setup.tracerProvider)
})

test('calls nest below their run also where nobody keeps contexts', async () => {
  await using setup = new OpenTelemetrySetup()
  context.disable()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()
  const run = childRun({ agent: 'helper' })

  await watcher.run(run, () => ask(watcher.llm, llmCall(provider.url, { run })))

  const agent = await setup.span('invoke_agent helper')
  const chat = await setup.span('chat gpt-4o-mini')
  expect(chat.parentSpanContext?.spanId).toBe(agent.spanContext().spanId)
  await watcher.shutdown()
})

test('where nobody watches, the call passes as the same object', async () => {
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()
  const call = llmCall(provider.url)

  let passed: unknown
  await ask(watcher.llm, call, (inner) => {
    passed = inner
    return send(inner)
  })

  expect(passed).toBe(call)
  await watcher.shutdown()
})
