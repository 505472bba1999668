import Anthropic from '@anthropic-ai/sdk'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument, ReplyRejectedError } from 'holdfast'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab.close())

const clients: Record<string, (streamed: boolean) => Promise<string>> = {
  async openai(streamed) {
    const openai = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai })
    const messages = [{ role: 'user' as const, content: 'how cold is it?' }]
    const asked = { model: 'test-model', messages }
    const answer = streamed
      ? await openai.chat.completions.stream(asked).finalChatCompletion()
      : await openai.chat.completions.create(asked)
    return answer.choices[0]?.message.content ?? ''
  },
  async anthropic(streamed) {
    const anthropic = new Anthropic({ apiKey: 'none', baseURL: lab.baseUrls.anthropic })
    const messages = [{ role: 'user' as const, content: 'how cold is it?' }]
    const asked = { model: 'test-model', max_tokens: 100, messages }
    const answer = streamed
      ? await anthropic.messages.stream(asked).finalMessage()
      : await anthropic.messages.create(asked)
    return answer.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  },
}
const ways = Object.keys(clients).flatMap((client) => [
  { client, streamed: false },
  { client, streamed: true },
])

describe.each(ways)('an answer to $client, streamed $streamed', ({ client, streamed }) => {
  const ask = () => clients[client]?.(streamed) ?? Promise.reject(new Error('no client'))
  const schema = z.object({ degrees: z.number() })

  test('is the one that fits', async () => {
    lab.reset([{ text: 'Very cold.' }, { text: '{"degrees":-4}' }])
    const holdfast = instrument({
      telemetry: false,
      governance: { validation: { validate: schema } },
    })
    expect(JSON.parse(await ask())).toEqual({ degrees: -4 })
    expect(lab.requests).toHaveLength(2)
    await holdfast.uninstrument()
  })

  test('is an error where none fits, however often the SDK tries', async () => {
    lab.reset(() => ({ text: 'Very cold.' }))
    const holdfast = instrument({
      telemetry: false,
      governance: { validation: { validate: schema, maxRetries: 1 } },
    })
    let error: unknown = await ask().catch((thrown: unknown) => thrown)
    while (error instanceof Error && !(error instanceof ReplyRejectedError)) error = error.cause
    expect(error).toMatchObject({ code: 'REPLY_REJECTED', answers: 2 })
    expect(lab.requests).toHaveLength(2)
    await holdfast.uninstrument()
  })
})
