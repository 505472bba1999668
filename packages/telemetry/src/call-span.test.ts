import type { LlmCall, Operation } from '@holdfast/core'
import { expect, test } from 'vitest'
import { operationName } from './call-span.ts'
import { serverAddress } from './server-address.ts'
import { telemetry } from './telemetry.ts'
import { OpenTelemetrySetup } from './testing/open-telemetry-setup.ts'
import { ask, llmCall, startProvider } from './testing/provider.ts'

test('operations have the names of the conventions, Gemini its own', () => {
  expect(operationName(call('openai-chat', 'chat'))).toBe('chat')
  expect(operationName(call('gemini', 'chat'))).toBe('generate_content')
  expect(operationName(call('gemini', 'embeddings'))).toBe('embeddings')
  expect(operationName(call('anthropic-messages', 'count-tokens'))).toBe('count_tokens')
})

test('the server is told without its credentials, with its port, named or not', () => {
  const at = (url: string): unknown => serverAddress(call('openai-chat', 'chat', url))

  expect(at('https://api.openai.com')).toEqual({ address: 'api.openai.com', port: 443 })
  expect(at('http://user:key@localhost')).toEqual({ address: 'localhost', port: 80 })
  expect(at('http://[::1]:8080')).toEqual({ address: '[::1]', port: 8080 })
  expect(at('https://[::1]')).toEqual({ address: '[::1]', port: 443 })
})

test('embeddings have no output to wait for: input tokens alone are the whole usage', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider([{ type: 'usage', usage: { inputTokens: 8 } }])
  const watcher = telemetry()

  await ask(watcher.llm, call('openai-chat', 'embeddings', provider.url, 'text-embedding-3-small'))

  const { attributes } = await setup.span('embeddings text-embedding-3-small')
  expect(attributes['gen_ai.usage.input_tokens']).toBe(8)
  expect(attributes['holdfast.cost.usd']).toBeCloseTo((8 * 0.02) / 1e6, 12)
  expect(attributes).not.toHaveProperty('holdfast.usage.complete')
  expect(attributes).not.toHaveProperty('error.type')
  await watcher.shutdown()
})

function call(
  format: string,
  operation: Operation,
  url = 'http://127.0.0.1:1',
  model = 'm',
): LlmCall {
  return llmCall(url, { streaming: false, model, operation, format })
}
