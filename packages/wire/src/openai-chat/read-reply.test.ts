import { array, assert as check, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { read, stream } from '../testing/read.ts'
import { openaiChat } from './format.ts'

const chunk = (delta: object, finish: string | null = null, index = 0): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'gpt-4.1',
  choices: [{ index, delta, finish_reason: finish }],
})
const call = (members: object): object => chunk({ tool_calls: [members] })
const usage = {
  prompt_tokens: 10,
  completion_tokens: 7,
  total_tokens: 17,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 3 },
}

test('a stream is put together: text, refusal, tool calls, usage after the finish', () => {
  const { message, complete, problem } = read(
    openaiChat,
    stream(
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Gr' }),
      chunk({ content: 'üße 👋' }),
      call({ index: 0, id: 'call_a', type: 'function', function: { name: 'add', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"x":' } }),
      call({ index: 1, id: 'call_b', function: { name: 'sub', arguments: '{}' } }),
      call({ index: 0, function: { arguments: '1}' } }),
      chunk({}, 'tool_calls'),
      { id: 'chatcmpl-1', choices: [], usage },
      '[DONE]',
    ),
  )
  expect(message).toEqual({
    id: 'chatcmpl-1',
    model: 'gpt-4.1',
    text: 'Grüße 👋',
    reasoning: '',
    toolCalls: [
      { id: 'call_a', name: 'add', arguments: '{"x":1}' },
      { id: 'call_b', name: 'sub', arguments: '{}' },
    ],
    finishReason: 'tool-calls',
    rawFinishReason: 'tool_calls',
    usage: { inputTokens: 10, outputTokens: 7, cachedInputTokens: 4, reasoningTokens: 3 },
  })
  expect({ complete, problem }).toEqual({ complete: true, problem: undefined })
})

test('random cuts, through characters too, read the same as one piece', () => {
  const body = `\uFEFF: comment\r\n\r\n${stream(
    chunk({ content: '👩‍🚀 ünï' }),
    chunk({ reasoning_content: 'denkt “nach”' }),
    call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"ü":"€"}' } }),
    chunk({}, 'stop'),
  ).replaceAll('\n', '\r\n')}`
  const whole = read(openaiChat, body)
  expect(whole.message.text).toBe('👩‍🚀 ünï')
  check(
    property(array(nat({ max: 12 })), (sizes) => {
      expect(read(openaiChat, body, { sizes })).toEqual(whole)
    }),
  )
  const everyByte = Array.from({ length: Buffer.byteLength(body) }, () => 1)
  expect(read(openaiChat, body, { sizes: everyByte })).toEqual(whole)
})

test('a stream is incomplete until every choice has its finish_reason', () => {
  const cut = stream(chunk({ content: 'half' }))
  expect(read(openaiChat, cut)).toMatchObject({ complete: false, problem: undefined })
  const other = stream(chunk({ content: 'a' }, 'stop'), chunk({ content: 'b' }, null, 1))
  expect(read(openaiChat, other).complete).toBe(false)
  expect(read(openaiChat, stream(chunk({ content: 'a' }), '[DONE]')).complete).toBe(false)
  expect(read(openaiChat, stream(chunk({ content: 'a' }, 'stop'))).complete).toBe(true)
})

test('a last event that is cut off is an incomplete stream, a broken one inside is a problem', () => {
  const cut = `${stream(chunk({ content: 'a' }))}data: {"choices":[{"ind`
  expect(read(openaiChat, cut)).toMatchObject({ complete: false, problem: undefined })
  const broken = `data: {"choices":[{"ind\n\n${stream(chunk({}, 'stop'))}`
  expect(read(openaiChat, broken).problem).toMatch(/not JSON/)
})

test('[DONE] is believed of LiteLLM, which ends one of two choices, and of Snowflake, which ends none', () => {
  const one = stream(chunk({ content: 'a' }, 'stop'), chunk({ content: 'b' }, null, 1), '[DONE]')
  expect(read(openaiChat, one).complete).toBe(true)
  const none = stream(chunk({ content: 'a' }), { choices: [], usage }, '[DONE]')
  expect(read(openaiChat, none).complete).toBe(true)
})

test('reasoning has three names, and comes with details that say the same', () => {
  const body = stream(
    chunk({ reasoning_content: 'a' }),
    chunk({ reasoning: 'b', reasoning_details: [{ type: 'reasoning.text', text: 'b' }] }),
    chunk({ reasoning_text: 'c' }),
    chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'xyz' }] }),
    chunk({ content: 'd' }, 'stop'),
  )
  const { message, events } = read(openaiChat, body)
  expect(message).toMatchObject({ reasoning: 'abc', text: 'd' })
  expect(events).toContainEqual({ type: 'reasoning-delta', choice: 0, text: '', encrypted: 'xyz' })
})

test('typed parts instead of text (Mistral), and tool calls without an index', () => {
  const body = stream(
    chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }),
    chunk({ content: [{ type: 'text', text: 'so' }] }),
    call({ id: 'a', function: { name: 'f', arguments: '{}' } }),
    call({ id: 'b', function: { name: 'f', arguments: '{"x":1}' } }),
    chunk({ content: '' }, 'tool_calls'),
  )
  expect(read(openaiChat, body).message).toMatchObject({
    reasoning: 'hm',
    text: 'so',
    toolCalls: [
      { id: 'a', name: 'f', arguments: '{}' },
      { id: 'b', name: 'f', arguments: '{"x":1}' },
    ],
  })
})

test('a continuation with an empty id goes on; another id with a name at the same index is another call', () => {
  const body = stream(
    call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
    call({ index: 0, id: '', function: { name: '', arguments: ':1}' } }),
    call({ index: 0, id: 'b', function: { name: 'g', arguments: '{}' } }),
    chunk({}, 'tool_calls'),
  )
  expect(read(openaiChat, body).message.toolCalls).toEqual([
    { id: 'a', name: 'f', arguments: '{"x":1}' },
    { id: 'b', name: 'g', arguments: '{}' },
  ])
})

test('an error inside a chunk and a named error event are failures with a status', () => {
  const inside = stream({ ...chunk({ content: '' }), error: { code: 502, message: 'Upstream' } })
  expect(read(openaiChat, inside).events).toContainEqual({
    type: 'error',
    failure: { status: 502, code: '502', message: 'Upstream' },
  })
  const named = 'event: error\ndata: {"error":{"message":"No","type":"x","status_code":400}}\n\n'
  expect(read(openaiChat, named).events).toEqual([
    { type: 'error', failure: { status: 400, code: 'x', message: 'No' } },
  ])
})

test('the first chunk without choices (Azure), usage on every chunk (Perplexity), Groq counts', () => {
  const { events, message } = read(
    openaiChat,
    stream(
      { id: '', model: '', choices: [], prompt_filter_results: [] },
      { ...chunk({ content: 'a' }), usage: { prompt_tokens: 1, completion_tokens: 1 } },
      { ...chunk({}, 'stop'), x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } },
    ),
  )
  expect(events[0]).toEqual({ type: 'message-start', id: 'chatcmpl-1', model: 'gpt-4.1' })
  expect(message.usage).toEqual({ inputTokens: 1, outputTokens: 2 })
})

test('xAI counts reasoning beside the completion', () => {
  const body = JSON.stringify({
    choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: 10,
      completion_tokens: 2,
      total_tokens: 20,
      completion_tokens_details: { reasoning_tokens: 8 },
    },
  })
  const { message } = read(openaiChat, body, { streaming: false })
  expect(message.usage).toEqual({ inputTokens: 10, outputTokens: 10, reasoningTokens: 8 })
})

test('a whole body reads like a stream of it, choice by choice', () => {
  const message = (content: string): object => ({ role: 'assistant', content, refusal: null })
  const body = JSON.stringify({
    id: 'x',
    model: 'm',
    choices: [
      { index: 0, message: message('one'), finish_reason: 'stop' },
      { index: 1, message: { ...message(''), refusal: 'no' }, finish_reason: 'content_filter' },
    ],
  })
  const whole = read(openaiChat, body, { streaming: false })
  expect(whole).toMatchObject({ complete: true, problem: undefined })
  expect(whole.message.choices).toMatchObject([
    { text: 'one', finishReason: 'stop' },
    { refusal: 'no', finishReason: 'content-filter' },
  ])
})

test.for([
  ['', 'the body is empty'],
  ['<!doctype html><title>502</title>', 'the body is HTML, not JSON'],
  ['{"choices":[{"message":{"conte', 'the JSON of the body is cut off or broken'],
  ['plain words', 'the body is plain text, not JSON'],
  ['data: {}\n\n', 'the body is an event stream, not one JSON object'],
  ['{"ok":true}', 'no "choices" in the body'],
  ['{"choices":[]}', 'the list of choices is empty'],
] as const)('%j is no chat completion: %s', ([body, problem]) => {
  expect(read(openaiChat, body, { streaming: false })).toMatchObject({ complete: false, problem })
})

test('no event stream either: HTML, nothing, plain text, one JSON object', () => {
  expect(read(openaiChat, '<html>busy</html>').problem).toBe('the body is HTML, not JSON')
  expect(read(openaiChat, '').problem).toBe('the body is empty')
  expect(read(openaiChat, 'Service busy').problem).toBe('the body is plain text, not JSON')
  const whole = '{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'
  expect(read(openaiChat, whole).problem).toMatch(/where a stream was asked for/)
})

test('an error object in a 200, whole or where a stream was asked for, is the provider failing', () => {
  const body = '{"error":{"message":"Busy","type":"rate_limit_error"}}'
  const failure = { status: 429, code: 'rate_limit_error', message: 'Busy' }
  for (const streaming of [true, false]) {
    const { events, problem, complete } = read(openaiChat, body, { streaming })
    expect(events).toEqual([{ type: 'error', failure }])
    expect({ problem, complete }).toEqual({ problem: undefined, complete: false })
  }
})

test('embeddings tell their usage and nothing else', () => {
  const body = '{"data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":5,"total_tokens":5}}'
  const { events, complete } = read(openaiChat, body, { streaming: false, operation: 'embeddings' })
  expect(events).toEqual([{ type: 'usage', usage: { inputTokens: 5 } }])
  expect(complete).toBe(true)
})

test('bytes of any kind never throw', () => {
  check(
    property(array(nat({ max: 255 })), (values) => {
      const bytes = Uint8Array.from(values)
      read(openaiChat, bytes)
      read(openaiChat, bytes, { streaming: false })
    }),
  )
  for (const value of [
    '{"choices":[null]}',
    '{"choices":{}}',
    '{"choices":[{"delta":7}]}',
    '[1]',
  ]) {
    expect(() => read(openaiChat, stream(value))).not.toThrow()
    expect(() => read(openaiChat, value, { streaming: false })).not.toThrow()
  }
})
