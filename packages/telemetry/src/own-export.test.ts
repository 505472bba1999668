import { expect, test } from 'vitest'
import { runApplication } from './testing/run-application.ts'
import { telemetry } from './telemetry.ts'
import { OpenTelemetrySetup } from './testing/open-telemetry-setup.ts'
import { ask, goodAnswer, llmCall, startProvider, startServer } from './testing/provider.ts'
import type { Server } from './testing/provider.ts'

/** A collector: a real HTTP server that keeps what it is sent. */
async function startCollector(): Promise<
  Server & { requests: { path: string; body: string; token: string }[] }
> {
  const requests: { path: string; body: string; token: string }[] = []
  const server = await startServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const token = String(request.headers['x-token'] ?? '')
      requests.push({
        path: request.url ?? '',
        body: Buffer.concat(pieces).toString('latin1'),
        token,
      })
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  return { ...server, requests }
}

test('OTEL_EXPORTER_OTLP_ENDPOINT alone gets spans and metrics to the collector before the process ends', async () => {
  await using provider = await startProvider(goodAnswer)
  await using collector = await startCollector()

  const { code, output, tookMs } = await runApplication({
    PROVIDER: provider.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'support-bot',
    SECRET_KEY: 'sk-in-the-environment',
  })

  expect(output).toBe('sdk loaded: true\n')
  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(15_000)
  const paths = collector.requests.map(({ path }) => path)
  expect(new Set(paths)).toEqual(new Set(['/v1/traces', '/v1/metrics']))
  const traces = bodies(collector.requests, '/v1/traces')
  expect(traces).toContain('chat gpt-4o-mini')
  expect(traces).toContain('invoke_agent helper')
  expect(traces).toContain('support-bot')
  expect(traces).not.toMatch(/sk-|plover|POST/)
  expect(bodies(collector.requests, '/v1/metrics')).toContain('gen_ai.client.token.usage')
})

test('the export option sends to its endpoint with its headers', async () => {
  await using provider = await startProvider(goodAnswer)
  await using collector = await startCollector()

  const options = { endpoint: collector.url, headers: { 'x-token': 'a b=c' }, serviceName: 'shop' }
  const { output } = await runApplication(
    { PROVIDER: provider.url },
    JSON.stringify({ export: options }),
  )

  expect(output).toBe('sdk loaded: true\n')
  expect(collector.requests.every(({ token }) => token === 'a b=c')).toBe(true)
  expect(bodies(collector.requests, '/v1/traces')).toContain('shop')
})

test('after shutdown the place is free: another set-up of ours, or one of the application', async () => {
  await using provider = await startProvider(goodAnswer)
  await using collector = await startCollector()

  for (const serviceName of ['first', 'second']) {
    const watcher = telemetry({ export: { endpoint: collector.url, serviceName } })
    await ask(watcher.llm, llmCall(provider.url))
    await watcher.shutdown()
  }
  await using setup = new OpenTelemetrySetup()
  const watcher = telemetry()
  await ask(watcher.llm, llmCall(provider.url))

  const traces = bodies(collector.requests, '/v1/traces')
  expect(traces).toContain('first')
  expect(traces).toContain('second')
  expect(traces.split('chat gpt-4o-mini')).toHaveLength(3)
  expect(await setup.spans()).toHaveLength(1)
  await watcher.shutdown()
})

test('without being asked, and where OTEL_SDK_DISABLED says so, the SDK is not even loaded', async () => {
  await using provider = await startProvider(goodAnswer)
  await using collector = await startCollector()

  const plain = await runApplication({ PROVIDER: provider.url })
  const disabled = await runApplication({
    PROVIDER: provider.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SDK_DISABLED: 'true',
  })

  expect(plain.output).toBe('sdk loaded: false\n')
  expect(disabled.output).toBe('sdk loaded: false\n')
  expect(collector.requests).toEqual([])
})

test('a collector that is not there neither breaks the application nor holds it up', async () => {
  await using provider = await startProvider(goodAnswer)

  const { code, tookMs } = await runApplication({
    PROVIDER: provider.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
  })

  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(15_000)
})

function bodies(requests: readonly { path: string; body: string }[], path: string): string {
  return requests
    .filter((request) => request.path === path)
    .map(({ body }) => body)
    .join('')
}
