import { expect, test } from 'vitest'
import { changedRequest, requestTo, shouted } from '../testing/request.ts'
import { ollamaChat } from './format.ts'

const host = 'http://127.0.0.1:11434'
const body = {
  model: 'qwen3',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hi', images: ['AAAA'] },
    {
      role: 'assistant',
      content: '',
      thinking: 'hm',
      tool_calls: [{ function: { name: 'add', arguments: { x: 1 } } }],
    },
    { role: 'tool', tool_name: 'add', content: 'two' },
  ],
  tools: [{ type: 'function', function: { name: 'add', parameters: { type: 'object' } } }],
  options: { num_predict: 5, temperature: 0, num_ctx: 4096 },
  format: { type: 'object' },
  think: 'low',
  keep_alive: '5m',
}
const http = requestTo(`${host}/api/chat`, body)

test('is read into neutral words', () => {
  expect(ollamaChat.readRequest(http, 'chat')).toMatchObject({
    model: 'qwen3',
    stream: true,
    system: [{ type: 'text', text: 'Be brief.' }],
    messages: [
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'hi' },
          { type: 'media', kind: 'image', data: 'AAAA' },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'hm' },
          { type: 'tool-call', id: '', name: 'add', arguments: '{"x":1}' },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', id: '', name: 'add', parts: [{ type: 'text', text: 'two' }] },
        ],
      },
    ],
    maxOutputTokens: 5,
    temperature: 0,
    reasoning: { effort: 'low' },
    output: { type: 'json-schema', schema: { type: 'object' } },
  })
})

test('a changed part and a changed option change nothing else', () => {
  const { body: written } = changedRequest(ollamaChat, http, (request) => ({
    ...shouted(request),
    temperature: 1,
    stream: false,
  }))
  const [system, user, ...rest] = body.messages
  expect(written).toEqual({
    ...body,
    stream: false,
    messages: [system, { ...user, content: 'HI' }, ...rest],
    options: { ...body.options, temperature: 1 },
  })
})

test('a prompt is the message of a user', () => {
  const prompted = { model: 'qwen3', prompt: 'hi', system: 'Be brief.', suffix: '.' }
  const asked = requestTo(`${host}/api/generate`, prompted)
  expect(ollamaChat.readRequest(asked, 'chat')).toMatchObject({
    system: [{ text: 'Be brief.' }],
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
    extra: { suffix: '.' },
  })
  const { body: written } = changedRequest(ollamaChat, asked, shouted)
  expect(written).toEqual({ ...prompted, prompt: 'HI' })
})
