import { expect, test } from 'vitest'
import { recogniseCall } from './index.ts'

const messages = [{ role: 'user', content: 'Hi' }]
const chat = { model: 'gpt-4.1', messages, stream: true }
const unlimited = { maxTokens: undefined, choiceCount: 1 }
const post = (url: string, body: object | string, method = 'POST') =>
  recogniseCall({ method, url, body: typeof body === 'string' ? body : JSON.stringify(body) })

test.for([
  ['https://api.openai.com/v1/chat/completions', 'openai'],
  ['https://api.groq.com/openai/v1/chat/completions', 'groq'],
  ['https://api.mistral.ai/v1/chat/completions', 'mistral_ai'],
  ['https://x.openai.azure.com/openai/v1/chat/completions?api-version=1', 'azure.ai.openai'],
  ['https://x.services.ai.azure.com/models/chat/completions', 'azure.ai.inference'],
  ['https://OpenRouter.ai/api/v1/chat/completions', 'openrouter'],
  ['https://bedrock-mantle.us-east-1.api.aws/v1/chat/completions', 'aws.bedrock'],
  ['http://localhost:11434/v1/chat/completions', 'localhost:11434'],
  ['https://gateway.example/team/a/openai/chat/completions/', 'gateway.example'],
  ['https://evil-openai.azure.com.example/v1/chat/completions', 'evil-openai.azure.com.example'],
  ['https://api.openai.com.example/v1/chat/completions', 'api.openai.com.example'],
] as const)('%s is a chat completion of %s', ([url, provider]) => {
  expect(post(url, chat)).toEqual({
    format: expect.objectContaining({ name: 'openai-chat' }),
    facts: { operation: 'chat', model: 'gpt-4.1', streaming: true, answerLimits: unlimited },
    provider,
  })
})

test.for([
  ['/v1/responses', { model: 'm', input: 'Hi' }, 'openai-responses', 'chat', false],
  ['/v1/responses', { prompt: { id: 'p' }, stream: true }, 'openai-responses', 'chat', true],
  [
    '/v1/responses/input_tokens',
    { model: 'm', input: 'Hi' },
    'openai-responses',
    'count-tokens',
    false,
  ],
  ['/v1/messages?beta=true', { model: 'm', messages }, 'anthropic-messages', 'chat', false],
  [
    '/v1/messages/count_tokens',
    { model: 'm', messages },
    'anthropic-messages',
    'count-tokens',
    false,
  ],
  ['/v1/embeddings', { model: 'm', input: 'Hi' }, 'openai-chat', 'embeddings', false],
  ['/v1beta/models/m:generateContent', { contents: [] }, 'gemini', 'chat', false],
  ['/v1beta/models/m:streamGenerateContent?alt=sse', { contents: [] }, 'gemini', 'chat', true],
  ['/v1beta/models/m:countTokens', { contents: [] }, 'gemini', 'count-tokens', false],
  ['/v1beta/models/m:batchEmbedContents', { requests: [] }, 'gemini', 'embeddings', false],
  [
    '/v1/projects/p/locations/l/publishers/google/models/m:generateContent',
    { contents: [] },
    'gemini',
    'chat',
    false,
  ],
  ['/v1/completions', { model: 'm', prompt: 'x' }, 'openai-completions', 'chat', false],
  [
    '/v1/fim/completions',
    { model: 'm', prompt: 'x', stream: true },
    'openai-completions',
    'chat',
    true,
  ],
  ['/model/amazon.nova-pro-v1:0/converse', { messages }, 'bedrock-converse', 'chat', false],
  ['/model/m%2Fn/converse-stream', { messages }, 'bedrock-converse', 'chat', true],
  ['/model/m/invoke', { messages }, 'bedrock-invoke', 'chat', false],
  [
    '/model/anthropic.claude/invoke',
    { messages, anthropic_version: 'bedrock-2023-05-31' },
    'bedrock-anthropic',
    'chat',
    false,
  ],
  ['/model/m/invoke-with-response-stream', { prompt: 'x' }, 'bedrock-invoke', 'chat', true],
  [
    '/model/amazon.titan-embed-text-v2:0/invoke',
    { inputText: 'x' },
    'bedrock-invoke',
    'embeddings',
    false,
  ],
  ['/v2/chat', { model: 'm', messages, stream: true }, 'cohere-chat', 'chat', true],
  ['/v2/embed', { model: 'm', texts: ['x'] }, 'cohere-chat', 'embeddings', false],
  ['/api/chat', { model: 'm', messages }, 'ollama-chat', 'chat', true],
  ['/api/chat', { model: 'm', messages, stream: false, options: {} }, 'ollama-chat', 'chat', false],
  ['/api/generate', { model: 'm', prompt: 'x' }, 'ollama-chat', 'chat', true],
  ['/api/embed', { model: 'm', input: 'x' }, 'ollama-chat', 'embeddings', false],
  [
    '/v1/projects/p/locations/l/publishers/anthropic/models/claude-opus-4@1:streamRawPredict',
    { anthropic_version: 'vertex-2023-10-16', messages, stream: true },
    'anthropic-vertex',
    'chat',
    true,
  ],
] as const)('%s under any host is %s', ([path, body, name, operation, streaming]) => {
  const found = post(`http://127.0.0.1:8080/prefix${path}`, body)
  expect(found?.format.name).toBe(name)
  expect(found?.facts).toMatchObject({ operation, streaming })
})

test('the model of a Bedrock request stands in the path', () => {
  const arn = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-tg1-large'
  const url = `https://bedrock-runtime.us-east-1.amazonaws.com/model/${encodeURIComponent(arn)}/converse`
  expect(post(url, { messages })).toMatchObject({
    provider: 'aws.bedrock',
    facts: { model: arn },
  })
})

test('the model of an Azure deployment stands in the path', () => {
  const url = 'https://x.openai.azure.com/openai/deployments/my%20gpt/chat/completions'
  expect(post(url, { messages })?.facts.model).toBe('my gpt')
})

test.for([
  ['https://api.openai.com/v1/traces/ingest', { data: [] }],
  ['https://api.openai.com/v1/models', {}],
  ['https://api.openai.com/v1/responses/resp_1/cancel', {}],
  ['https://api.openai.com/v1/completions', { model: 'm' }],
  ['https://app.example/api/chat', { model: 'm', messages, id: 'chat-7' }],
  ['https://app.example/api/chat', { messages }],
  ['https://x.example/model/m/invoke', 'not JSON'],
  ['https://x.example/model/m/converse', { other: 1 }],
  ['https://x.example/converse', { messages }],
  ['https://x.example/v1/models/m:rawPredict', { instances: [] }],
  ['https://survey.example/forms/7/responses', { answers: [1, 2] }],
  ['https://chat.example/v1/messages', { to: '+49', text: 'Hi' }],
  ['https://chat.example/v1/messages', { messages: 'none', model: 'm' }],
  ['https://x.example/chat/completions', 'not JSON'],
  ['https://x.example/chat/completions', '[]'],
  ['https://x.example/v1/models/m:generateContent', { other: 1 }],
  ['https://x.example/v1/embeddings', { input: 'a picture' }],
  ['https://x.example/search?q=/chat/completions', chat],
  ['https://x.example/#/chat/completions', chat],
] as const)('%s with %j is no model call', ([url, body]) => {
  expect(post(url, body)).toBeUndefined()
})

test('only POST with a body is a model call', () => {
  const url = 'https://api.openai.com/v1/chat/completions'
  expect(post(url, chat, 'GET')).toBeUndefined()
  expect(post(url, chat, 'post')).toBeDefined()
  expect(recogniseCall({ method: 'POST', url, body: undefined })).toBeUndefined()
})

test('the facts of a large body are the facts of a small one', () => {
  const large = [{ role: 'user', content: `"stream":false,"model":"x"${' padding'.repeat(5_000)}` }]
  const body = JSON.stringify({ messages: large, stream: true, model: 'gpt-4.1 “ü”' })
  const url = 'https://api.openai.com/v1/chat/completions'
  for (const form of [body, new TextEncoder().encode(body)]) {
    expect(recogniseCall({ method: 'POST', url, body: form })?.facts).toEqual({
      operation: 'chat',
      model: 'gpt-4.1 “ü”',
      streaming: true,
      answerLimits: unlimited,
    })
  }
})

test.for([
  ['/v1/chat/completions', { messages, max_tokens: 7, n: 3 }, 7, 3],
  ['/v1/chat/completions', { messages, max_tokens: 7, max_completion_tokens: 9 }, 9, 1],
  ['/v1/chat/completions', { messages, max_tokens: '7', n: 0 }, undefined, 1],
  ['/v1/responses', { input: 'Hi', max_output_tokens: 7 }, 7, 1],
  ['/v1/messages', { messages, max_tokens: 7 }, 7, 1],
] as const)('the limits of an answer of %s %j', ([path, body, maxTokens, choiceCount]) => {
  const padded = { ...body, user: 'padding'.repeat(5_000) }
  for (const one of [body, padded]) {
    const found = post(`https://x.example${path}`, { model: 'm', ...one })
    expect(found?.facts.answerLimits).toEqual({ maxTokens, choiceCount })
    const request = {
      method: 'POST',
      url: '',
      headers: undefined as never,
      layer: 'fetch',
    } as const
    const http = { ...request, body: JSON.stringify({ model: 'm', ...one }), signal: undefined }
    // As reading it says, where it says a number.
    const read = found?.format.readRequest(http, 'chat').maxOutputTokens
    expect(typeof read === 'number' ? read : undefined).toBe(maxTokens)
  }
})

test('of two limits the larger counts, and an object among the members may hold a third', () => {
  const ask = (body: object) =>
    post('https://x.example/v1/chat/completions', { model: 'm', messages, ...body })?.facts
      .answerLimits
  const both = { max_tokens: 9, max_completion_tokens: 7 }
  expect(ask(both)).toEqual({ maxTokens: 9, choiceCount: 1 })
  for (const padding of [undefined, 'padding'.repeat(5_000)]) {
    expect(ask({ ...both, padding, reasoning: { max_tokens: 70_000 } })).toBeUndefined()
  }
})
