import { setTimeout as sleep } from 'node:timers/promises'
import { childRun, enterRun } from '@holdfast/core'
import type { Interceptor, Run, ToolCall } from '@holdfast/core'
import { expect, test } from 'vitest'
import { runLine } from './run-summary.ts'
import type { RunSummary } from './run-summary.ts'
import { telemetry } from './telemetry.ts'
import { OpenTelemetrySetup } from './testing/open-telemetry-setup.ts'
import { ask, goodAnswer, goodAnswerUsd, llmCall, send, startProvider } from './testing/provider.ts'

test('a finished run is summed up once, also where there is no OpenTelemetry', async () => {
  await using provider = await startProvider(goodAnswer)
  const summaries: RunSummary[] = []
  const watcher = telemetry({ onRunEnd: (summary) => summaries.push(summary) })
  const run = childRun({ id: 'run-1', agent: 'researcher', session: 't-1', promptVersion: 'v3' })

  const answer = await watcher.run(run, async () => {
    await ask(watcher.llm, llmCall(provider.url, { run }))
    await watcher.tool(toolCall('search', run), () => Promise.resolve({ value: 1 }))
    await watcher
      .tool(toolCall('search', run), () => Promise.reject(new Error('down')))
      .catch(() => {})
    await ask(watcher.llm, llmCall(provider.url, { run, streaming: false }))
    return 'plover'
  })
  await watcher.flush()

  expect(answer).toBe('plover')
  expect(summaries).toEqual([
    {
      run: 'run-1',
      session: 't-1',
      agent: 'researcher',
      promptVersion: 'v3',
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      durationMs: expect.any(Number),
      outcome: 'ok',
      calls: 2,
      attempts: 2,
      possiblyBilled: 0,
      tokens: { input: 2000, output: 400, cachedInput: 800, reasoning: 100 },
      costUsd: expect.closeTo(2 * goodAnswerUsd, 9),
      complete: true,
      models: ['gpt-4o-mini-2024-07-18'],
      tools: [{ name: 'search', calls: 2, errors: 1 }],
    },
  ])
  expect(JSON.parse(runLine(summaries[0]!))).toMatchObject({ event: 'run-end', run: 'run-1' })
  expect(runLine(summaries[0]!)).not.toContain('\n')
  await watcher.shutdown()
  expect(summaries).toHaveLength(1)
})

test('a run inside a run has its own summary and its own span below', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const summaries: RunSummary[] = []
  const watcher = telemetry({ onRunEnd: (summary) => summaries.push(summary) })
  const outer = childRun({ id: 'outer', agent: 'manager' })

  await enterRun(outer, () =>
    watcher.run(outer, async () => {
      const inner = childRun({ id: 'inner', agent: 'worker' })
      await watcher.run(inner, () => ask(watcher.llm, llmCall(provider.url, { run: inner })))
    }),
  )

  const manager = await setup.span('invoke_agent manager')
  const worker = await setup.span('invoke_agent worker')
  expect(worker.parentSpanContext?.spanId).toBe(manager.spanContext().spanId)
  expect(summaries.map(({ run, parent, calls }) => ({ run, parent, calls }))).toEqual([
    { run: 'inner', parent: 'outer', calls: 1 },
    { run: 'outer', parent: undefined, calls: 0 },
  ])
  await watcher.shutdown()
})

test('a run that throws is an error, one that the caller gave up is aborted', async () => {
  const summaries: RunSummary[] = []
  const watcher = telemetry({ onRunEnd: (summary) => summaries.push(summary) })

  const broken = watcher.run(childRun({ id: 'broken' }), () => Promise.reject(new RangeError('no')))
  await expect(broken).rejects.toThrow(RangeError)
  expect(() =>
    watcher.run(childRun({ id: 'at-once' }), () => {
      throw new TypeError('no')
    }),
  ).toThrow(TypeError)
  const given = watcher.run(childRun({ id: 'given-up' }), () =>
    sleep(10_000, undefined, { signal: AbortSignal.timeout(5) }),
  )
  await expect(given).rejects.toThrow(/abort/i)
  await watcher.flush()

  expect(summaries.map(({ run, outcome, errorType }) => [run, outcome, errorType])).toEqual([
    ['broken', 'error', 'RangeError'],
    ['at-once', 'error', 'TypeError'],
    ['given-up', 'aborted', undefined],
  ])
  await watcher.shutdown()
})

test('a run that only its calls show is finished when none came for a while', async () => {
  await using provider = await startProvider(goodAnswer)
  const summaries: RunSummary[] = []
  const watcher = telemetry({ idleMs: 300, onRunEnd: (summary) => summaries.push(summary) })
  const run = childRun({ id: 'seen' })

  const began = performance.now()
  await ask(watcher.llm, llmCall(provider.url, { run }))
  await ask(watcher.llm, llmCall(provider.url, { run }))
  const tookMs = performance.now() - began
  await expect.poll(() => summaries.length, { timeout: 10_000 }).toBe(1)

  expect(summaries[0]).toMatchObject({ run: 'seen', calls: 2, outcome: 'ok' })
  // Without the time in which nothing came.
  expect(summaries[0]?.durationMs).toBeLessThanOrEqual(Math.ceil(tookMs))
  await watcher.shutdown()
})

test('shutdown finishes what is open: a run with a call under way is unfinished', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer, { gapMs: 50 })
  const summaries: RunSummary[] = []
  const watcher = telemetry({ onRunEnd: (summary) => summaries.push(summary) })
  const run = childRun({ id: 'cut-off' })

  const end = watcher.startRun(run)
  const reply = await watcher.llm(llmCall(provider.url, { run }), send)
  await watcher.shutdown()
  end()

  expect(summaries).toMatchObject([{ run: 'cut-off', outcome: 'unfinished', complete: false }])
  const { attributes } = await setup.span('chat gpt-4o-mini')
  expect(attributes['error.type']).toBe('unfinished')
  await reply.cancel()
})

test('a run waits for the answer that is still being read when its function returns', async () => {
  await using provider = await startProvider(goodAnswer, { gapMs: 5 })
  const summaries: RunSummary[] = []
  const watcher = telemetry({ onRunEnd: (summary) => summaries.push(summary) })
  const run = childRun({ id: 'streaming' })

  const reply = await watcher.run(run, () => watcher.llm(llmCall(provider.url, { run }), send))
  await watcher.flush()
  expect(summaries).toEqual([])
  while ((await reply.next()) !== undefined);
  await watcher.flush()

  expect(summaries).toMatchObject([{ run: 'streaming', outcome: 'ok', tokens: { output: 200 } }])
  await watcher.shutdown()
})

test('a run that answers with a stream is over when its calls have stopped', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const summaries: RunSummary[] = []
  const watcher = telemetry({ idleMs: 60, onRunEnd: (summary) => summaries.push(summary) })
  const run = childRun({ id: 'streaming', agent: 'poet' })

  const answers = watcher.run(run, async function* () {
    for (let call = 0; call < 3; call++) yield ask(watcher.llm, llmCall(provider.url, { run }))
  })
  for await (const answer of answers) expect(answer).toContain('plover')
  await expect.poll(() => summaries.length).toBe(1)

  expect(summaries).toMatchObject([{ run: 'streaming', calls: 3, outcome: 'ok' }])
  const agent = await setup.span('invoke_agent poet')
  const calls = (await setup.spans()).filter(({ name }) => name === 'chat gpt-4o-mini')
  const parents = calls.map(({ parentSpanContext }) => parentSpanContext?.spanId)
  expect(parents).toEqual([1, 2, 3].map(() => agent.spanContext().spanId))
  await watcher.shutdown()
})

test('an answer of the journal is counted, and not charged', async () => {
  await using provider = await startProvider(goodAnswer)
  const summaries: RunSummary[] = []
  const watcher = telemetry({ onRunEnd: (summary) => summaries.push(summary) })
  const run = childRun({ id: 'replayed' })
  const journaled: Interceptor = (call, next) =>
    watcher.llm(call, (inner) => {
      inner.emit({ type: 'journal-answered', runId: run.id, recordedAtMs: 0 })
      return next(inner)
    })

  await watcher.run(run, () => ask(journaled, llmCall(provider.url, { run })))
  await watcher.shutdown()

  expect(summaries).toMatchObject([{ calls: 1, attempts: 0, complete: true, costUsd: 0 }])
  expect(summaries[0]?.tokens).toEqual({ input: 0, output: 0, cachedInput: 0, reasoning: 0 })
})

test('a model without a price is said once and leaves the cost incomplete', async () => {
  await using provider = await startProvider(goodAnswer.slice(1))
  const summaries: RunSummary[] = []
  const warnings: string[] = []
  const watcher = telemetry({
    onRunEnd: (summary) => summaries.push(summary),
    warn: (message) => void warnings.push(message),
  })
  const run = childRun({ id: 'own-model' })

  await watcher.run(run, async () => {
    for (let call = 0; call < 3; call++) {
      await ask(watcher.llm, llmCall(provider.url, { run, model: 'house-1', provider: 'house' }))
    }
  })
  await watcher.flush()

  expect(summaries[0]).toMatchObject({ calls: 3, complete: false, tokens: { input: 3000 } })
  expect(summaries[0]).not.toHaveProperty('costUsd')
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain("telemetry.prices['house-1']")
  await watcher.shutdown()
})

test('a tracer that breaks does not break the run', async () => {
  await using setup = new OpenTelemetrySetup()
  const warnings: string[] = []
  const watcher = telemetry({ warn: (message) => void warnings.push(message) })
  setup.tracerProvider.getTracer = () => {
    throw new Error('tracer is broken')
  }

  const value = watcher.run(childRun(), () => 7)

  expect(value).toBe(7)
  expect(warnings.join()).toContain('tracer is broken')
  await watcher.shutdown()
})

test('a listener that breaks does not break the run', async () => {
  const warnings: string[] = []
  const watcher = telemetry({
    onRunEnd: () => {
      throw new Error('listener is broken')
    },
    warn: (message) => void warnings.push(message),
  })

  const value = watcher.run(childRun(), () => 7)
  await watcher.flush()

  expect(value).toBe(7)
  expect(warnings.join()).toContain('listener is broken')
  await watcher.shutdown()
})

function toolCall(name: string, run: Run): ToolCall {
  return {
    kind: 'tool',
    id: 'tool-1',
    name,
    arguments: {},
    toolCallId: undefined,
    framework: 'own',
    run,
    emit: () => {},
  }
}
