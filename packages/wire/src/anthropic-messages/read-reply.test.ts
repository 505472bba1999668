import { array, assert as check, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { read } from '../testing/read.ts'
import { anthropicMessages } from './format.ts'

/** Events as Anthropic sends them: named, with random spaces before the last brace. */
function stream(...values: readonly { readonly type: string; readonly [name: string]: unknown }[]) {
  return values
    .map((value) => `event: ${value.type}\ndata: ${JSON.stringify(value).slice(0, -1)}    }\n\n`)
    .join('')
}
const start = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 },
  },
}
const block = (
  index: number,
  content_block: object,
): { type: string; [name: string]: unknown } => ({
  type: 'content_block_start',
  index,
  content_block,
})
const delta = (index: number, value: object): { type: string; [name: string]: unknown } => ({
  type: 'content_block_delta',
  index,
  delta: value,
})
const stop = (index: number): { type: string; index: number } => ({
  type: 'content_block_stop',
  index,
})
const end = (stop_reason: string): { type: string; [name: string]: unknown } => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage: { output_tokens: 42 },
})
const stopped = { type: 'message_stop' }

const answer = stream(
  start,
  { type: 'ping' },
  block(0, { type: 'thinking', thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta', thinking: 'hm…' }),
  delta(0, { type: 'signature_delta', signature: 'sig' }),
  stop(0),
  block(1, { type: 'redacted_thinking', data: 'xyz' }),
  stop(1),
  block(2, { type: 'text', text: '' }),
  delta(2, { type: 'text_delta', text: 'Grü' }),
  delta(2, { type: 'text_delta', text: 'ße' }),
  stop(2),
  block(3, { type: 'tool_use', id: 'toolu_1', name: 'add', input: {} }),
  delta(3, { type: 'input_json_delta', partial_json: '' }),
  delta(3, { type: 'input_json_delta', partial_json: '{"x": 1}' }),
  stop(3),
  block(4, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} }),
  stop(4),
  end('tool_use'),
  stopped,
)

test('a stream is put together: thinking, text, tool calls with and without input, cumulative usage', () => {
  const { message, events, complete } = read(anthropicMessages, answer)
  expect(message).toEqual({
    id: 'msg_1',
    model: 'claude-sonnet-4-5',
    text: 'Grüße',
    reasoning: 'hm…',
    toolCalls: [
      { id: 'toolu_1', name: 'add', arguments: '{"x": 1}' },
      { id: 'toolu_2', name: 'now', arguments: '{}' },
    ],
    finishReason: 'tool-calls',
    rawFinishReason: 'tool_use',
    usage: { inputTokens: 15, outputTokens: 42, cachedInputTokens: 5 },
  })
  expect(events).toContainEqual({ type: 'keep-alive' })
  expect(events).toContainEqual({ type: 'reasoning-delta', choice: 0, text: '', signature: 'sig' })
  expect(events).toContainEqual({ type: 'reasoning-delta', choice: 0, text: '', encrypted: 'xyz' })
  expect(complete).toBe(true)
})

test('random cuts read the same as one piece', () => {
  const whole = read(anthropicMessages, answer)
  check(
    property(array(nat({ max: 40 })), (sizes) => {
      expect(read(anthropicMessages, answer, { sizes })).toEqual(whole)
    }),
  )
})

test('a cut after the stop reason is complete, one before it is not', () => {
  expect(read(anthropicMessages, stream(start, end('end_turn'))).complete).toBe(true)
  const cut = stream(start, block(0, { type: 'text', text: 'half' }))
  expect(read(anthropicMessages, cut)).toMatchObject({ complete: false, problem: undefined })
})

test('overloaded inside a 200 is a failure with the status 529', () => {
  const body = stream(start, {
    type: 'error',
    error: { type: 'overloaded_error', message: 'Overloaded' },
  })
  expect(read(anthropicMessages, body).events.at(-1)).toEqual({
    type: 'error',
    failure: { status: 529, code: 'overloaded_error', message: 'Overloaded' },
  })
})

test('a tool that Anthropic runs is told with its whole input, its result as it comes', () => {
  const result = { type: 'web_search_tool_result', tool_use_id: 's1', content: [] }
  const { events, message } = read(
    anthropicMessages,
    stream(
      start,
      block(0, { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query":' }),
      delta(0, { type: 'input_json_delta', partial_json: '"x"}' }),
      stop(0),
      block(1, result),
      stop(1),
      end('end_turn'),
      stopped,
    ),
  )
  expect(message.toolCalls).toEqual([])
  expect(
    events.filter((event) => event.type === 'other-content' && event.name !== 'progress'),
  ).toEqual([
    {
      type: 'other-content',
      name: 'server_tool_use',
      value: { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'x' } },
    },
    { type: 'other-content', name: 'web_search_tool_result', value: result },
  ])
})

test('passes that are no message are billed beside the totals', () => {
  const pass = { input_tokens: 100, output_tokens: 10 }
  const body = JSON.stringify({
    ...start.message,
    content: [{ type: 'text', text: 'x' }],
    stop_reason: 'end_turn',
    usage: {
      input_tokens: 7,
      output_tokens: 3,
      iterations: [
        { type: 'compaction', ...pass },
        { type: 'message', input_tokens: 7, output_tokens: 3 },
      ],
    },
  })
  const { message } = read(anthropicMessages, body, { streaming: false })
  expect(message.usage).toEqual({ inputTokens: 107, outputTokens: 13 })
})

test('a whole body reads like the stream of it; an empty content is an answer, none is not', () => {
  const body = {
    ...start.message,
    content: [
      { type: 'text', text: 'Hi' },
      { type: 'tool_use', id: 't', name: 'f', input: { a: [1] } },
    ],
    stop_reason: 'refusal',
  }
  const whole = read(anthropicMessages, JSON.stringify(body), { streaming: false })
  expect(whole.message).toMatchObject({
    text: 'Hi',
    toolCalls: [{ id: 't', name: 'f', arguments: '{"a":[1]}' }],
    finishReason: 'refusal',
  })
  const empty = JSON.stringify({ ...body, content: [] })
  expect(read(anthropicMessages, empty, { streaming: false }).problem).toBeUndefined()
  const none = read(anthropicMessages, '{"type":"message"}', { streaming: false })
  expect(none.problem).toBe('no "content" in the body')
})
