import { expect, test } from 'vitest'
import { changedRequest, requestTo, shouted } from '../testing/request.ts'
import { cohereChat } from './format.ts'

const url = 'https://api.cohere.com/v2/chat'
const body = {
  model: 'command-a',
  stream: true,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    {
      role: 'assistant',
      tool_plan: 'I will add',
      tool_calls: [{ id: 'a1', type: 'function', function: { name: 'add', arguments: '{"x":1}' } }],
    },
    {
      role: 'tool',
      tool_call_id: 'a1',
      content: [{ type: 'document', document: { data: 'two' } }],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm' },
        { type: 'text', text: 'Two.' },
      ],
      citations: [{ start: 0, end: 3 }],
    },
  ],
  tools: [{ type: 'function', function: { name: 'add', parameters: { type: 'object' } } }],
  tool_choice: 'REQUIRED',
  p: 0.9,
  k: 5,
  thinking: { type: 'enabled', token_budget: 100 },
  response_format: { type: 'json_object', json_schema: { type: 'object' } },
  safety_mode: 'OFF',
}
const http = requestTo(url, body)

test('is read into neutral words', () => {
  expect(cohereChat.readRequest(http, 'chat')).toMatchObject({
    model: 'command-a',
    stream: true,
    system: [{ type: 'text', text: 'Be brief.' }],
    messages: [
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'I will add' },
          { type: 'tool-call', id: 'a1', name: 'add', arguments: '{"x":1}' },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool-result', id: 'a1' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'Two.' },
        ],
        extra: { citations: [{ start: 0, end: 3 }] },
      },
    ],
    toolChoice: 'required',
    topP: 0.9,
    topK: 5,
    reasoning: { budgetTokens: 100 },
    output: { type: 'json-schema', schema: { type: 'object' } },
    extra: { safety_mode: 'OFF' },
  })
})

test('a changed part changes nothing else', () => {
  const { body: written } = changedRequest(cohereChat, http, shouted)
  const [system, user, plan, tool, last] = body.messages
  expect(written).toEqual({
    ...body,
    messages: [
      system,
      { ...user, content: 'HI' },
      plan,
      tool,
      {
        ...last,
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: 'TWO.' },
        ],
      },
    ],
  })
})

test('another address and key', () => {
  const moved = cohereChat.retarget(http, { baseUrl: 'https://proxy.example/cohere/', apiKey: 'k' })
  expect(moved.url).toBe('https://proxy.example/cohere/v2/chat')
  expect(moved.headers.get('authorization')).toBe('Bearer k')
})
