import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clients, text, words } from './clients.ts'

let down: Lab
let up: Lab
let holdfast: Holdfast
beforeAll(async () => {
  down = await startLab({ script: { fault: 'unavailable' } })
  up = await startLab({
    script: { text, usage: { inputTokens: 21, outputTokens: 13 } },
    awsSecrets: { AKIALAB: 'secret' },
  })
})
afterAll(() => Promise.all([down.close(), up.close()]))
afterEach(() => holdfast.uninstrument())

const start = (
  target: { readonly format: string; readonly baseUrl: string; readonly apiKey?: string },
  options: HoldfastOptions = {},
): void => {
  up.reset()
  holdfast = instrument({
    telemetry: false,
    reliability: {
      retry: { maxAttempts: 2, baseDelayMs: 1, maxBackoffMs: 2 },
      fallback: { to: [{ ...target, model: 'stand-in', keepKey: false }] },
    },
    ...options,
  })
}

const modes = [
  ['whole', false],
  ['streamed', true],
] as const

describe.for(clients)('an answer of OpenAI to %s', ([, , ask]) => {
  test.for(modes)('is none the wiser, %s', async ([, streaming]) => {
    start({ format: 'openai-chat', baseUrl: up.baseUrls.openai, apiKey: 'key' })
    expect(await ask(down, streaming)).toBe(text)
    expect(up.requests).toMatchObject([{ wire: 'openai-chat', model: 'stand-in', streaming }])
  })
})

describe.for([
  ['bedrock-converse', () => up.baseUrls.bedrock],
  ['cohere-chat', () => up.baseUrls.cohere],
  ['ollama-chat', () => up.baseUrls.ollama],
] as const)("%s takes OpenAI's calls over", ([format, baseUrl]) => {
  test.for(modes)('%s', async ([, streaming]) => {
    start({ format, baseUrl: baseUrl(), apiKey: 'token' })
    const client = new OpenAI({ apiKey: 'none', baseURL: down.baseUrls.openai, maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: words }]
    const question = { model: 'gpt', messages }
    const completion = streaming
      ? await client.chat.completions.stream(question).finalChatCompletion()
      : await client.chat.completions.create(question)
    expect(completion.choices[0]?.message.content).toBe(text)
    expect(completion.choices[0]?.finish_reason).toBe('stop')
    expect(up.requests).toMatchObject([{ wire: format, model: 'stand-in', streaming }])
    const { authorization = '' } = up.requests[0]?.headers ?? {}
    expect(authorization).toMatch(/^Bearer \*/)
  })
})
