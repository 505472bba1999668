import { expect, test } from 'vitest'
import { overflowOf } from './overflow.ts'

test.each([
  [
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130512 tokens. Please reduce the length of the messages.",
    { windowTokens: 128_000, inputTokens: 130_512 },
  ],
  [
    "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 1000 in the completion).",
    { windowTokens: 8_192, inputTokens: 9_000 },
  ],
  [
    'prompt is too long: 210000 tokens > 200000 maximum',
    { windowTokens: 200_000, inputTokens: 210_000 },
  ],
  [
    'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).',
    { windowTokens: 1_048_576, inputTokens: 1_100_000 },
  ],
  ['Your input exceeds the context window of this model.', {}],
])('a refusal for length says how much goes in: %s', (message, expected) => {
  expect(overflowOf({ status: 400, message })).toEqual(expected)
})

test.each([
  { status: 429, message: 'Rate limit reached for tokens per minute' },
  { status: 400, message: 'Invalid value for temperature' },
  { status: 500, message: 'maximum context length is 8192 tokens' },
])('every other failure is none: $message', (failure) => {
  expect(overflowOf(failure)).toBeUndefined()
})
