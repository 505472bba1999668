import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { startLab } from '@holdfast/lab'
import { instrument, interruptionOf } from 'holdfast'
import type { HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'

const text = 'one two three four five six'
const content = 'count'
const reliability = { retry: { baseDelayMs: 1 }, timeout: { betweenContentMs: 300 } } as const

/** Each SDK's stream, read to its end: the text as the application puts it together. */
const clients = {
  async 'openai chat'(url: string) {
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` })
    const stream = client.chat.completions.stream({
      model: 'gpt-5',
      messages: [{ role: 'user', content }],
    })
    const answer = await stream.finalChatCompletion()
    return answer.choices[0]?.message.content
  },
  async 'openai responses'(url: string) {
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` })
    let said = ''
    for await (const event of client.responses.stream({ model: 'gpt-5', input: content })) {
      if (event.type === 'response.output_text.delta') said += event.delta
      if (event.type === 'response.completed') expect(event.response.output_text ?? said).toBe(said)
    }
    return said
  },
  async anthropic(url: string) {
    const client = new Anthropic({ apiKey: 'k', baseURL: url })
    const stream = client.messages.stream({
      model: 'claude-opus-4-6',
      max_tokens: 100,
      messages: [{ role: 'user', content }],
    })
    const [block] = (await stream.finalMessage()).content
    return block?.type === 'text' ? block.text : undefined
  },
  async gemini(url: string) {
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } })
    let said = ''
    const stream = await client.models.generateContentStream({
      model: 'gemini-3-flash',
      contents: content,
    })
    for await (const chunk of stream) said += chunk.text ?? ''
    return said
  },
}

async function instrumented<T>(options: HoldfastOptions, work: () => Promise<T>): Promise<T> {
  const holdfast = instrument(options)
  try {
    return await work()
  } finally {
    await holdfast.uninstrument()
  }
}

describe.each(Object.entries(clients))('%s', (_, read) => {
  test.each(['reset-mid-stream', 'stall-mid-stream', 'end-without-terminal'] as const)(
    'with continueText reads one answer through %s',
    async (name) => {
      await using lab = await startLab({
        script: [{ text, fault: { name, afterChunks: 3 } }, { text: ' four five six' }],
      })

      const said = await instrumented({ reliability: { ...reliability, continueText: true } }, () =>
        read(lab.url),
      )

      expect(said).toBe(text)
      expect(lab.requests).toHaveLength(2)
    },
  )

  test.each(['reset-mid-stream', 'stall-mid-stream', 'end-without-terminal'] as const)(
    'without it gets the part with the error of %s',
    async (name) => {
      await using lab = await startLab({ script: { text, fault: { name, afterChunks: 3 } } })

      const error = await instrumented({ reliability }, () =>
        read(lab.url).then(
          () => undefined,
          (thrown: unknown) => thrown,
        ),
      )

      expect(interruptionOf(error)).toMatchObject({
        code: 'STREAM_INTERRUPTED',
        partial: { text: 'one two three' },
      })
    },
  )
})
