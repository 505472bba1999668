import { type HttpRequest, httpHeaders, type WireFormat } from '@holdfast/core'
import { expect, test } from 'vitest'
import { anthropicMessages, gemini, openaiChat, openaiResponses } from '../index.ts'

function request(url: string, headers: Record<string, string> = {}): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: httpHeaders({ host: 'old', ...headers }),
    body: '{}',
    signal: undefined,
    layer: 'fetch',
  }
}

const azure =
  'https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-02-01'
const vertex = '/v1beta1/projects/p/locations/l/publishers/google/models/m:generateContent'

test.for<[WireFormat, string, string, string]>([
  [
    openaiChat,
    'https://api.openai.com/v1/chat/completions',
    'https://openrouter.ai/api/v1',
    'https://openrouter.ai/api/v1/chat/completions',
  ],
  [
    openaiChat,
    'https://api.openai.com/v1/chat/completions',
    'http://localhost:8080/',
    'http://localhost:8080/chat/completions',
  ],
  [openaiChat, azure, 'https://api.openai.com/v1', 'https://api.openai.com/v1/chat/completions'],
  [
    openaiChat,
    azure,
    'https://y.openai.azure.com/openai',
    'https://y.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-02-01',
  ],
  [
    openaiChat,
    'https://api.openai.com/v1/embeddings',
    'https://x.example/v1',
    'https://x.example/v1/embeddings',
  ],
  [
    openaiResponses,
    'https://api.openai.com/v1/responses/input_tokens',
    'https://x.example/v1',
    'https://x.example/v1/responses/input_tokens',
  ],
  [
    anthropicMessages,
    'https://api.anthropic.com/v1/messages?beta=true',
    'https://x.example/anthropic',
    'https://x.example/anthropic/v1/messages?beta=true',
  ],
  [
    anthropicMessages,
    'https://api.anthropic.com/v1/messages',
    'https://x.example/v1',
    'https://x.example/v1/messages',
  ],
  [
    gemini,
    'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent',
    'https://eu-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google',
    'https://eu-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/m:generateContent',
  ],
  [
    gemini,
    'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse',
    'http://localhost:1',
    'http://localhost:1/v1beta/models/m:streamGenerateContent?alt=sse',
  ],
  [
    gemini,
    `https://aiplatform.googleapis.com${vertex}`,
    'https://generativelanguage.googleapis.com',
    'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent',
  ],
  [
    gemini,
    `https://aiplatform.googleapis.com${vertex}`,
    'https://eu-aiplatform.googleapis.com',
    `https://eu-aiplatform.googleapis.com${vertex}`,
  ],
])('%# a base URL is joined as the SDK joins it', ([format, from, baseUrl, to]) => {
  const moved = format.retarget(request(from), { baseUrl })
  expect(moved.url).toBe(to)
  expect(moved.headers.get('host')).toBeNull()
  expect(moved.body).toBe('{}')
})

const bearer = { authorization: 'Bearer old', 'openai-organization': 'org' }

test('a key goes where the provider looks for it', () => {
  const openai = request('https://api.openai.com/v1/chat/completions', bearer)
  const same = openaiChat.retarget(openai, { apiKey: 'new' })
  expect(same.headers.get('authorization')).toBe('Bearer new')
  expect(same.headers.get('openai-organization')).toBe('org')

  const groq = openaiChat.retarget(openai, {
    baseUrl: 'https://api.groq.com/openai/v1',
    apiKey: 'new',
  })
  expect(groq.headers.get('authorization')).toBe('Bearer new')
  expect(groq.headers.get('openai-organization')).toBeNull()

  const baseUrl = 'https://x.openai.azure.com/openai/v1'
  const toAzure = openaiChat.retarget(openai, { baseUrl, apiKey: 'new' })
  expect(toAzure.headers.get('api-key')).toBe('new')
  expect(toAzure.headers.get('authorization')).toBeNull()

  const fromAzure = request(azure, { 'api-key': 'old' })
  const away = openaiChat.retarget(fromAzure, {
    baseUrl: 'https://api.openai.com/v1',
    apiKey: 'new',
  })
  expect(away.headers.get('authorization')).toBe('Bearer new')
  expect(away.headers.get('api-key')).toBeNull()

  const claude = request('https://api.anthropic.com/v1/messages', { authorization: 'Bearer old' })
  const claudeNew = anthropicMessages.retarget(claude, { apiKey: 'new' })
  expect(claudeNew.headers.get('x-api-key')).toBe('new')
  expect(claudeNew.headers.get('authorization')).toBeNull()
})

test('a key never goes to a host it was not made for, unless that is asked for', () => {
  const openai = request('https://api.openai.com/v1/chat/completions', {
    ...bearer,
    cookie: 'session=1',
    'x-own': 'kept',
  })
  const baseUrl = 'https://backup.example.com/v1'
  const moved = openaiChat.retarget(openai, { baseUrl })
  expect([...moved.headers.entries()]).toEqual([['x-own', 'kept']])
  const trusted = openaiChat.retarget(openai, { baseUrl, keepKey: true })
  expect(trusted.headers.get('authorization')).toBe('Bearer old')
  const sameHost = openaiChat.retarget(openai, { baseUrl: 'https://api.openai.com/v2' })
  expect(sameHost.headers.get('authorization')).toBe('Bearer old')

  const url = 'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent'
  const google = request(`${url}?key=old&alt=sse`, { 'x-goog-api-key': 'old' })
  const away = gemini.retarget(google, { baseUrl: 'https://backup.example.com' })
  expect(away.url).toBe('https://backup.example.com/v1beta/models/m:generateContent?alt=sse')
  expect(away.headers.get('x-goog-api-key')).toBeNull()
})

test("Google's key is replaced in the query where it stands there, else set as a header", () => {
  const url = 'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent'
  const inQuery = gemini.retarget(request(`${url}?alt=sse&key=old`), { apiKey: 'n&w' })
  expect(inQuery.url).toBe(`${url}?alt=sse&key=n%26w`)
  expect(inQuery.headers.get('x-goog-api-key')).toBeNull()
  const inHeader = gemini.retarget(request(url), { apiKey: 'new' })
  expect(inHeader.url).toBe(url)
  expect(inHeader.headers.get('x-goog-api-key')).toBe('new')
})
