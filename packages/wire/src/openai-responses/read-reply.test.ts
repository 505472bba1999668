import { array, assert as check, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { read, stream } from '../testing/read.ts'
import { openaiResponses } from './format.ts'

const usage = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 2 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 1 },
  total_tokens: 14,
}
const response = (members: object): object => ({
  id: 'resp_1',
  object: 'response',
  model: 'gpt-5.1',
  output: [],
  ...members,
})
const created = { type: 'response.created', response: response({ status: 'in_progress' }) }
const completed = {
  type: 'response.completed',
  response: response({ status: 'completed', usage }),
}
const done = (output_index: number, item: object): object => ({
  type: 'response.output_item.done',
  output_index,
  item,
})
const message = (text: string): object => ({
  type: 'message',
  id: 'msg_1',
  content: [{ type: 'output_text', text, annotations: [] }],
})
const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'add' }

const answer = stream(
  created,
  { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs' } },
  { type: 'response.reasoning_summary_text.delta', output_index: 0, item_id: 'rs', delta: 'hm…' },
  done(0, {
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: 'hm…' }],
    encrypted_content: 'gAAA',
  }),
  { type: 'response.output_item.added', output_index: 1, item: { type: 'message', content: [] } },
  { type: 'response.output_text.delta', output_index: 1, item_id: 'one', delta: 'Grü' },
  { type: 'response.output_text.delta', output_index: 1, item_id: 'two', delta: 'ße' },
  done(1, message('Grüße')),
  { type: 'response.output_item.added', output_index: 2, item: { ...call, arguments: '' } },
  { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"x":1}' },
  done(2, { ...call, arguments: '{"x":1}' }),
  completed,
)

test('a stream is put together, without event lines and with item ids that differ', () => {
  const { message, events, complete } = read(openaiResponses, answer)
  expect(message).toEqual({
    id: 'resp_1',
    model: 'gpt-5.1',
    text: 'Grüße',
    reasoning: 'hm…',
    toolCalls: [{ id: 'call_1', name: 'add', arguments: '{"x":1}' }],
    finishReason: 'tool-calls',
    rawFinishReason: 'completed',
    usage: { inputTokens: 9, outputTokens: 5, cachedInputTokens: 2, reasoningTokens: 1 },
  })
  expect(events).toContainEqual({ type: 'reasoning-delta', choice: 0, text: '', encrypted: 'gAAA' })
  expect(complete).toBe(true)
})

test('random cuts read the same as one piece', () => {
  const whole = read(openaiResponses, answer)
  check(
    property(array(nat({ max: 40 })), (sizes) => {
      expect(read(openaiResponses, answer, { sizes })).toEqual(whole)
    }),
  )
})

test('what only the finished item or the closing event says is told too, and nothing twice', () => {
  const items = read(openaiResponses, stream(created, done(0, message('late')), completed))
  expect(items.message.text).toBe('late')
  const closing = stream(created, {
    type: 'response.completed',
    response: response({
      status: 'completed',
      output: [message('later'), { ...call, arguments: '{}' }],
    }),
  })
  expect(read(openaiResponses, closing).message).toMatchObject({
    text: 'later',
    toolCalls: [{ id: 'call_1', name: 'add', arguments: '{}' }],
  })
})

test('incomplete says why, failed is a failure, both are the end', () => {
  const incomplete = stream(created, {
    type: 'response.incomplete',
    response: response({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    }),
  })
  expect(read(openaiResponses, incomplete)).toMatchObject({
    complete: true,
    message: { finishReason: 'length', rawFinishReason: 'max_output_tokens' },
  })
  const failed = stream(created, {
    type: 'response.failed',
    response: response({
      status: 'failed',
      error: { code: 'server_error', message: 'It broke' },
    }),
  })
  const { events, complete } = read(openaiResponses, failed)
  expect(complete).toBe(true)
  expect(events.at(-1)).toEqual({
    type: 'error',
    failure: { status: 500, code: 'server_error', message: 'It broke' },
  })
})

test('an error event after 200 is a failure, and the stream is not complete', () => {
  const body = stream(created, {
    type: 'error',
    code: 'rate_limit_exceeded',
    message: 'Slow down',
    param: null,
  })
  const { events, complete } = read(openaiResponses, body)
  expect(events.at(-1)).toEqual({
    type: 'error',
    failure: { status: 429, code: 'rate_limit_exceeded', message: 'Slow down' },
  })
  expect(complete).toBe(false)
})

test('a stream that ends early is incomplete', () => {
  const body = stream(created, { type: 'response.output_text.delta', output_index: 0, delta: 'a' })
  expect(read(openaiResponses, body)).toMatchObject({ complete: false, problem: undefined })
})

test('shell, patch and computer calls are tool calls; tools that OpenAI runs are other content', () => {
  const body = JSON.stringify(
    response({
      status: 'completed',
      output: [
        { type: 'shell_call', call_id: 'c1', action: { commands: ['ls'] } },
        { type: 'apply_patch_call', call_id: 'c2', operation: { type: 'delete_file', path: 'a' } },
        { type: 'custom_tool_call', call_id: 'c3', name: 'sql', input: 'SELECT 1' },
        { type: 'web_search_call', id: 'ws' },
      ],
    }),
  )
  const { message, events } = read(openaiResponses, body, { streaming: false })
  expect(message.toolCalls).toEqual([
    { id: 'c1', name: 'shell', arguments: '{"commands":["ls"]}' },
    { id: 'c2', name: 'apply_patch', arguments: '{"type":"delete_file","path":"a"}' },
    { id: 'c3', name: 'sql', arguments: 'SELECT 1' },
  ])
  expect(events).toContainEqual({
    type: 'other-content',
    name: 'web_search_call',
    value: { type: 'web_search_call', id: 'ws' },
  })
})

test('a background response is queued: no problem, no answer yet', () => {
  const body = JSON.stringify(response({ status: 'queued', background: true }))
  expect(read(openaiResponses, body, { streaming: false })).toMatchObject({
    complete: true,
    problem: undefined,
    message: { text: '', finishReason: 'other', rawFinishReason: 'queued' },
  })
})

test('a body without output is no response', () => {
  const { problem } = read(openaiResponses, '{"id":"x"}', { streaming: false })
  expect(problem).toBe('no "output" in the body')
})

test('a token count tells its usage', () => {
  const body = '{"object":"response.input_tokens","input_tokens":11}'
  const { events } = read(openaiResponses, body, { streaming: false, operation: 'count-tokens' })
  expect(events).toEqual([{ type: 'usage', usage: { inputTokens: 11 } }])
})

test('a tool that OpenAI runs shows that it is at work', () => {
  const searching = { type: 'response.web_search_call.searching', output_index: 0 }
  const writing = { type: 'response.code_interpreter_call_code.delta', output_index: 1, delta: 'x' }
  const body = stream(created, searching, writing, {
    type: 'response.function_call_arguments.done',
    output_index: 2,
  })
  expect(read(openaiResponses, body).events.slice(1)).toEqual([
    { type: 'other-content', name: 'progress', value: searching },
    { type: 'other-content', name: 'progress', value: writing },
  ])
})
