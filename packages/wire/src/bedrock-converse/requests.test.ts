import { expect, test } from 'vitest'
import { changedRequest, requestTo, shouted } from '../testing/request.ts'
import { bedrockConverse } from './format.ts'

const url =
  'https://bedrock-runtime.us-east-1.amazonaws.com/model/us.amazon.nova-pro-v1%3A0/converse'
const schema = { type: 'object', properties: { x: { type: 'number' } } }
const body = {
  system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
  messages: [
    {
      role: 'user',
      content: [
        { text: 'hi' },
        { image: { format: 'png', source: { bytes: 'AAAA' } } },
        { document: { format: 'pdf', name: 'Report', source: { bytes: 'BBBB' } } },
        { video: { format: 'mp4', source: { s3Location: { uri: 's3://b/v.mp4' } } } },
        { guardContent: { text: { text: 'guarded' } } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'hm', signature: 'sig' } } },
        { reasoningContent: { redactedContent: 'CCCC' } },
        { toolUse: { toolUseId: 't1', name: 'add', input: { x: 1 } } },
      ],
    },
    {
      role: 'user',
      content: [
        { toolResult: { toolUseId: 't1', content: [{ json: { y: 2 } }], status: 'error' } },
      ],
    },
  ],
  toolConfig: {
    tools: [
      { toolSpec: { name: 'add', description: 'Adds', inputSchema: { json: schema } } },
      { cachePoint: { type: 'default' } },
    ],
    toolChoice: { tool: { name: 'add' } },
  },
  inferenceConfig: { maxTokens: 5, temperature: 0.5, stopSequences: ['END'] },
  additionalModelRequestFields: { top_k: 7, thinking: { type: 'enabled', budget_tokens: 1024 } },
  outputConfig: {
    textFormat: {
      type: 'json_schema',
      structure: { jsonSchema: { name: 'sum', schema: JSON.stringify(schema) } },
    },
  },
  guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
}
const http = requestTo(url, body)

test('is read into neutral words', () => {
  const read = bedrockConverse.readRequest(http, 'chat')
  expect(read).toMatchObject({
    model: 'us.amazon.nova-pro-v1:0',
    stream: false,
    system: [{ type: 'text', text: 'Be brief.' }, { type: 'other' }],
    toolChoice: { name: 'add' },
    maxOutputTokens: 5,
    temperature: 0.5,
    topK: 7,
    stopSequences: ['END'],
    reasoning: { budgetTokens: 1024 },
    output: { type: 'json-schema', name: 'sum', schema },
    tools: [
      { name: 'add', description: 'Adds', parameters: schema },
      { name: 'cachePoint', provider: { cachePoint: { type: 'default' } } },
    ],
  })
  expect(read.messages).toEqual([
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'hi' },
        { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AAAA' },
        {
          type: 'media',
          kind: 'document',
          mediaType: 'application/pdf',
          filename: 'Report',
          data: 'BBBB',
        },
        { type: 'media', kind: 'video', mediaType: 'video/mp4', url: 's3://b/v.mp4' },
        { type: 'other', value: { guardContent: { text: { text: 'guarded' } } } },
      ],
    },
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm', signature: 'sig' },
        { type: 'reasoning', text: '', encrypted: 'CCCC' },
        { type: 'tool-call', id: 't1', name: 'add', arguments: '{"x":1}' },
      ],
    },
    {
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          id: 't1',
          isError: true,
          parts: [{ type: 'text', text: '{"y":2}' }],
        },
      ],
    },
  ])
})

test('a changed part changes nothing else', () => {
  const { url: same, body: written } = changedRequest(bedrockConverse, http, shouted)
  const [first, ...rest] = body.messages
  expect(same).toBe(url)
  expect(written).toEqual({
    ...body,
    messages: [
      { ...first, content: [{ text: 'HI' }, ...(first?.content.slice(1) ?? [])] },
      ...rest,
    ],
  })
})

test('model and streaming stand in the address', () => {
  const { url: moved, body: same } = changedRequest(bedrockConverse, http, () => ({
    model: 'arn:aws:bedrock:x/y',
    stream: true,
  }))
  expect(moved).toBe(
    'https://bedrock-runtime.us-east-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Ax%2Fy/converse-stream',
  )
  expect(same).toEqual(body)
})

test('without tools there is no list of them, and half-known members keep what is not known', () => {
  const { body: written } = changedRequest(bedrockConverse, http, () => ({
    tools: [],
    maxOutputTokens: 9,
    topK: 3,
  }))
  expect(written).toEqual({
    ...body,
    toolConfig: undefined,
    inferenceConfig: { ...body.inferenceConfig, maxTokens: 9 },
    additionalModelRequestFields: { ...body.additionalModelRequestFields, top_k: 3 },
  })
})

test('within AWS a signature goes along, to be made anew; elsewhere nothing of it is left', () => {
  const signed = {
    ...http,
    headers: {
      get: (name: string) => (name === 'authorization' ? 'AWS4-HMAC-SHA256 x' : null),
      entries: (): [string, string][] => [
        ['authorization', 'AWS4-HMAC-SHA256 x'],
        ['x-amz-security-token', 'secret'],
        ['x-amz-date', '20261121T120000Z'],
        ['content-type', 'application/json'],
      ],
    },
  }
  const region = 'https://bedrock-runtime.eu-west-1.amazonaws.com'
  const near = bedrockConverse.retarget(signed, { baseUrl: region })
  expect(near.url).toBe(`${region}/model/us.amazon.nova-pro-v1%3A0/converse`)
  expect(near.headers.get('authorization')).toMatch(/^AWS4/)
  const far = bedrockConverse.retarget(signed, { baseUrl: 'https://gateway.example/aws' })
  expect([...far.headers.entries()]).toEqual([['content-type', 'application/json']])
  const keyed = bedrockConverse.retarget(signed, { baseUrl: region, apiKey: 'token' })
  expect(Object.fromEntries(keyed.headers.entries())).toEqual({
    authorization: 'Bearer token',
    'content-type': 'application/json',
  })
})
