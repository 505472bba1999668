import { expect, test } from 'vitest'
import { assemble } from './assemble.ts'

test('no event is an empty message without an end', () => {
  expect(assemble([])).toEqual({
    text: '',
    reasoning: '',
    toolCalls: [],
    finishReason: undefined,
    rawFinishReason: undefined,
    usage: undefined,
  })
})

test('a later usage replaces the counts that it names', () => {
  const { usage } = assemble([
    { type: 'usage', usage: { inputTokens: 10, outputTokens: 1 } },
    { type: 'usage', usage: { outputTokens: 42 } },
  ])
  expect(usage).toEqual({ inputTokens: 10, outputTokens: 42 })
})

test('several choices are listed in order, whichever ends first', () => {
  const message = assemble([
    { type: 'text-delta', choice: 1, text: 'two' },
    { type: 'text-delta', choice: 0, text: 'one' },
    { type: 'finish', choice: 1, reason: 'stop', raw: 'stop' },
    { type: 'tool-call-delta', choice: 0, index: 7, arguments: 'of no call' },
  ])
  expect(message.text).toBe('one')
  expect(message.choices?.map(({ text, finishReason }) => [text, finishReason])).toEqual([
    ['one', undefined],
    ['two', 'stop'],
  ])
})
