import { expect, test } from 'vitest'
import { read, stream } from '../testing/read.ts'
import { changedRequest, requestTo, shouted } from '../testing/request.ts'
import { mistralConversations } from './format.ts'

const url = 'https://api.mistral.ai/v1/conversations'
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 22, connector_tokens: 7 }
const message = {
  text: 'Grüße',
  reasoning: 'hm',
  toolCalls: [{ id: 'c1', name: 'add', arguments: '{"x":1}' }],
  finishReason: 'tool-calls',
  usage: { inputTokens: 17, outputTokens: 5 },
  model: 'mistral-medium',
}

test('a whole answer is read', () => {
  const body = {
    object: 'conversation.response',
    conversation_id: 'conv_1',
    outputs: [
      { type: 'tool.execution', name: 'web_search' },
      {
        type: 'message.output',
        model: 'mistral-medium',
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: 'Grüße' },
          { type: 'tool_reference', tool: 'web_search' },
        ],
      },
      { type: 'function.call', tool_call_id: 'c1', name: 'add', arguments: { x: 1 } },
    ],
    usage,
  }
  const seen = read(mistralConversations, JSON.stringify(body), { streaming: false })
  expect(seen).toMatchObject({ message, complete: true, problem: undefined })
})

test('so is a stream, and it is complete with its last event', () => {
  const events = [
    { type: 'conversation.response.started', conversation_id: 'conv_1' },
    { type: 'tool.execution.started', name: 'web_search' },
    {
      type: 'message.output.delta',
      model: 'mistral-medium',
      content: { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
    },
    { type: 'message.output.delta', model: 'mistral-medium', content: 'Grü' },
    { type: 'message.output.delta', model: 'mistral-medium', content: 'ße' },
    { type: 'function.call.delta', tool_call_id: 'c1', name: 'add', arguments: '{"x":' },
    { type: 'function.call.delta', tool_call_id: 'c1', name: 'add', arguments: '1}' },
  ]
  const done = { type: 'conversation.response.done', usage }
  expect(read(mistralConversations, stream(...events))).toMatchObject({ complete: false })
  expect(read(mistralConversations, stream(...events, done))).toMatchObject({
    message: { ...message, id: 'conv_1' },
    complete: true,
    problem: undefined,
  })
})

test('an error of the stream is one', () => {
  const error = { type: 'conversation.response.error', message: 'Overloaded', code: 503 }
  expect(read(mistralConversations, stream(error))).toMatchObject({
    events: [{ type: 'error', failure: { status: 503, message: 'Overloaded' } }],
    complete: false,
  })
})

test('a request that begins one is read and changed; one that goes on is left alone', () => {
  const body = {
    agent_id: 'ag_1',
    instructions: 'Be brief.',
    inputs: [
      { role: 'user', content: 'hi', type: 'message.input' },
      { type: 'function.call', tool_call_id: 'c1', name: 'add', arguments: '{}' },
      { type: 'function.result', tool_call_id: 'c1', result: 'two' },
    ],
    completion_args: { temperature: 0.5, tool_choice: 'auto' },
    store: false,
  }
  const http = requestTo(url, body)
  expect(mistralConversations.recognise(http)).toEqual({
    operation: 'chat',
    model: 'ag_1',
    streaming: false,
  })
  const { body: written } = changedRequest(mistralConversations, http, (request) => ({
    ...shouted(request),
    temperature: 1,
  }))
  const [first, ...rest] = body.inputs
  expect(written).toEqual({
    ...body,
    inputs: [{ ...first, content: 'HI' }, ...rest],
    completion_args: { ...body.completion_args, temperature: 1 },
  })
  const plain = requestTo(url, { model: 'm', inputs: 'hi', stream: true })
  expect(mistralConversations.readRequest(plain, 'chat').messages).toEqual([
    { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
  ])
  expect(mistralConversations.recognise(requestTo(`${url}/conv_1`, body))).toBeUndefined()
  expect(mistralConversations.recognise(requestTo(url, { items: [] }))).toBeUndefined()
})
