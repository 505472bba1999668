import { expect, test } from 'vitest'
import { mayBeModelCall } from './endpoints.ts'
import { knownProvider } from './provider.ts'

test.for([
  'https://api.openai.com/v1/chat/completions',
  'https://api.openai.com/v1/chat/completions/?x=1',
  'http://localhost/v1/responses',
  'http://localhost/v1/responses/input_tokens#x',
  'https://api.anthropic.com/v1/messages?beta=true',
  'https://x/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
  'https://x/v1beta/models/gemini-2.5-pro:countTokens',
  'https://x/v1/models/m:embedContent',
])('%s may be a model call', (url) => {
  expect(mayBeModelCall('POST', url)).toBe(true)
  expect(mayBeModelCall('GET', url)).toBe(false)
})

test.for([
  'https://api.openai.com/v1/models',
  'https://api.openai.com/v1/traces/ingest',
  'https://api.openai.com/v1/threads/t/messages',
  'https://shop.example/?next=/chat/completions',
  'https://shop.example/orders',
  'https://shop.example',
  '',
])('%s is none', (url) => {
  expect(mayBeModelCall('POST', url)).toBe(false)
})

test('hosts are known by whole labels, in any case, with any port', () => {
  expect(knownProvider('https://API.OpenAI.com:443/v1')).toBe('openai')
  expect(knownProvider('https://eu.api.openai.com/v1')).toBe('openai')
  expect(knownProvider('https://europe-west4-aiplatform.googleapis.com/v1')).toBe('gcp.vertex_ai')
  expect(knownProvider('https://bedrock-runtime.eu-west-1.amazonaws.com/x')).toBe('aws.bedrock')
  expect(knownProvider('https://bedrock-runtime.cn-north-1.amazonaws.com.cn/x')).toBe('aws.bedrock')
  expect(knownProvider('https://vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com/x')).toBe(
    'aws.bedrock',
  )
  expect(knownProvider('https://s3.eu-west-1.amazonaws.com/x')).toBeUndefined()
  expect(knownProvider('https://fakeapi.openai.com/v1')).toBeUndefined()
  expect(knownProvider('https://evil-openai.azure.com/v1')).toBeUndefined()
  expect(knownProvider('https://user@api.openai.com@evil.example/v1')).toBeUndefined()
  expect(knownProvider('http://[::1]:8080/v1')).toBeUndefined()
})
