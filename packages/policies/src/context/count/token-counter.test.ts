import { httpHeaders, LlmCall } from '@holdfast/core'
import { recogniseCall } from '@holdfast/wire'
import { expect, test } from 'vitest'
import { loadEncoding } from './encoding.ts'
import { TokenCounter } from './token-counter.ts'

function callOf(url: string, body: object): LlmCall {
  const request = { method: 'POST', url, body: JSON.stringify(body) }
  const found = recogniseCall(request)
  if (found === undefined) throw new Error(`${url} is not recognised`)
  return new LlmCall({
    id: 'call',
    format: found.format,
    ...found.facts,
    provider: found.provider,
    http: { ...request, headers: httpHeaders(), signal: undefined, layer: 'fetch' },
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit() {},
  })
}

const tool = {
  name: 'find_order',
  description: 'Finds an order by its number.',
  parameters: { type: 'object', properties: { number: { type: 'string' } }, required: ['number'] },
}
const sentences = [
  'Where is my order, and why is it late?',
  'Please tell the shop that nobody was at home when they came.',
  'The second parcel has the wrong colour; can it be exchanged before Friday?',
  'I have moved. Is there a way to change the address of what is already under way?',
  "That's not what I asked for, I'd like to speak with somebody.",
]
const textOf = (seed: number): string =>
  Array.from({ length: 1 + (seed % 6) }, (_, at) => sentences[(seed * 3 + at) % 5]).join(' ')

const chat = 'https://models.example/v1/chat/completions'
const messages = 'https://api.anthropic.com/v1/messages'

/** A provider with a hidden prompt, words around each message and around tools, and a tokeniser of its own. */
test.each([
  [chat, 'acme-large', { prompt: 240, message: 6, hasTools: 120 }],
  [chat, 'qwen-next', { prompt: 9, message: 4, hasTools: 180 }],
  [messages, 'claude-next', { prompt: 5, message: 3, hasTools: 560 }],
])('after five calls a new one is within 5 %%: %s %s', async (url, model, habits) => {
  const count = await loadEncoding('cl100k_base')
  const counter = new TokenCounter()
  const off: number[] = []
  for (let seed = 0; seed < 40; seed++) {
    const hasTools = seed % 3 === 0
    const text = textOf(seed)
    const tools = url === chat ? [{ type: 'function', function: tool }] : [tool]
    const call = callOf(url, {
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: text }],
      ...(hasTools ? { tools } : {}),
    })
    const { prompt, message } = habits
    const declared = hasTools ? habits.hasTools + count(JSON.stringify(tool)) : 0
    const inputTokens = prompt + message + count(text) + declared
    const counted = await counter.count(call)
    expect(counted.isSure).toBe(seed >= 5)
    if (seed >= 8) off.push(Math.abs(counted.tokens - inputTokens) / inputTokens)
    counted.learn({ inputTokens })
  }
  expect(Math.max(...off)).toBeLessThanOrEqual(0.05)
  expect(off.toSorted((a, b) => a - b)[off.length >> 1]).toBeLessThan(0.03)
})

test('a call that is told which tool to call, or how to answer, is a call of its own', () => {
  const counter = new TokenCounter()
  const content = 'Where is order 12?'
  const tokensOf = (more: object): number =>
    counter.estimate(
      callOf(messages, {
        model: 'claude-next',
        max_tokens: 100,
        messages: [{ role: 'user', content }],
        ...more,
      }),
    ).tokens
  const plain = tokensOf({})
  const free = tokensOf({ tools: [tool] })
  expect(free).toBeGreaterThan(plain + 400)
  expect(tokensOf({ tools: [tool], tool_choice: { type: 'any' } })).toBeGreaterThan(free + 50)
  expect(tokensOf({ tools: [tool], tool_choice: { type: 'auto' } })).toBe(free)
  const { parameters: schema } = tool
  const output_config = { format: { type: 'json_schema', schema } }
  expect(tokensOf({ output_config })).toBeGreaterThan(plain + 100)
})

test('what stands before what OpenAI has compacted is not counted', async () => {
  const counter = new TokenCounter()
  const said = { role: 'user', content: 'And then?' }
  const compacted = { type: 'compaction', id: 'cmp_1', encrypted_content: 'x'.repeat(2_000) }
  const countOf = async (...input: readonly object[]): Promise<number> => {
    const url = 'https://api.openai.com/v1/responses'
    return (await counter.count(callOf(url, { model: 'gpt-4.1', input }))).tokens
  }
  const before = { role: 'user', content: 'A long story. '.repeat(500) }
  expect(await countOf(before, compacted, said)).toBe(await countOf(compacted, said))
  expect(await countOf(before, said)).toBeGreaterThan(1_500)
})
