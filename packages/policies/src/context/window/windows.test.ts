import { expect, test } from 'vitest'
import { callTo } from '../../testing/exchange.ts'
import { Windows } from './windows.ts'

const asked = (model: string, wire: 'openai-chat' | 'anthropic-messages' = 'openai-chat') =>
  callTo(wire === 'openai-chat' ? 'https://api.openai.com' : 'https://api.anthropic.com', {
    wire,
    model,
  }).call

test('how much goes in is what the options, a refusal or the catalogue say, in that order', async () => {
  const windows = new Windows({ own: { windowTokens: 9_000, answerTokens: 500 } })
  await windows.ready()
  expect(windows.of(asked('gpt-4o'))).toEqual({ windowTokens: 128_000 })
  expect(windows.of(asked('gpt-5-mini'))).toEqual({ windowTokens: 400_000, inputTokens: 272_000 })
  expect(windows.of(asked('claude-haiku-4-5', 'anthropic-messages'))).toEqual({
    windowTokens: 200_000,
  })
  expect(windows.of(asked('own'))).toEqual({ windowTokens: 9_000, answerTokens: 500 })
  expect(windows.of(asked('nobody-knows-it'))).toBeUndefined()

  windows.learn(asked('nobody-knows-it'), 5_000)
  windows.learn(asked('own'), 5_000)
  expect(windows.of(asked('nobody-knows-it'))).toEqual({ windowTokens: 5_000 })
  expect(windows.of(asked('own'))?.windowTokens).toBe(9_000)
})
