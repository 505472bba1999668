import { expect, test } from 'vitest'
import { changedRequest, requestTo, shouted } from '../testing/request.ts'
import { bedrockInvoke } from './format.ts'

const url = 'https://bedrock-runtime.us-east-1.amazonaws.com/model/profile/invoke'

test.for([
  [
    "Anthropic's",
    {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 5,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'hi' }],
    },
    { messages: [{ role: 'user', content: 'HI' }] },
  ],
  [
    "Nova's",
    {
      schemaVersion: 'messages-v1',
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
      inferenceConfig: { maxTokens: 5 },
    },
    { messages: [{ role: 'user', content: [{ text: 'HI' }] }] },
  ],
  [
    "OpenAI's",
    { messages: [{ role: 'user', content: 'hi' }], max_tokens: 5 },
    { messages: [{ role: 'user', content: 'HI' }] },
  ],
  ["Llama's", { prompt: 'hi', max_gen_len: 5 }, { prompt: 'HI' }],
  ["Titan's", { inputText: 'hi', textGenerationConfig: { topP: 1 } }, { inputText: 'HI' }],
] as const)('%s body is read and changed as its vendor means it', ([, body, changed]) => {
  const http = requestTo(url, body)
  const read = bedrockInvoke.readRequest(http, 'chat')
  expect(read).toMatchObject({
    model: 'profile',
    stream: false,
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  })
  const { url: moved, body: written } = changedRequest(bedrockInvoke, http, (request) => ({
    ...shouted(request),
    stream: true,
    model: 'other',
  }))
  expect(written).toEqual({ ...body, ...changed })
  expect(moved).toBe(url.replace('profile/invoke', 'other/invoke-with-response-stream'))
})
