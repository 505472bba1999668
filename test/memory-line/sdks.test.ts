import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { inProcessMemoryStore } from '@holdfast/core/memory'
import { instrument } from 'holdfast'
import type { CallEvent, Holdfast, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let lab: Lab
let holdfast: Holdfast
const events: CallEvent[] = []
beforeEach(async () => {
  lab = await startLab({
    script: ({ bodyText }) => ({
      text: bodyText.includes('aisle seat') ? 'An aisle seat, as you like it.' : 'Noted.',
    }),
  })
})
afterEach(async () => {
  await holdfast.uninstrument()
  await lab.close()
})

function start(memory: Exclude<HoldfastOptions['memory'], boolean> = {}): void {
  holdfast = instrument({ telemetry: false, memory: { store: inProcessMemoryStore(), ...memory } })
  events.length = 0
  holdfast.on((event) => events.push(event))
}

interface Said {
  readonly role: 'user' | 'assistant'
  readonly text: string
}
const user = (text: string): Said => ({ role: 'user', text })

const openai = () => new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai })
const plain = (conversation: readonly Said[]) =>
  conversation.map(({ role, text }) => ({ role, content: text }))

/** Each SDK, asked with a conversation: what it hands to the application as the answer. */
const sdks: Record<
  string,
  (conversation: readonly Said[], streaming: boolean) => Promise<string | null | undefined>
> = {
  async 'openai chat'(conversation, streaming) {
    const asked = { model: 'm', messages: plain(conversation) }
    if (!streaming) {
      const { choices } = await openai().chat.completions.create(asked)
      return choices[0]?.message.content
    }
    let text = ''
    for await (const chunk of await openai().chat.completions.create({ ...asked, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? ''
    }
    return text
  },
  async 'openai responses'(conversation, streaming) {
    const asked = { model: 'm', input: plain(conversation) }
    if (!streaming) return (await openai().responses.create(asked)).output_text
    return (await openai().responses.stream(asked).finalResponse()).output_text
  },
  async anthropic(conversation, streaming) {
    const client = new Anthropic({ apiKey: 'none', baseURL: lab.baseUrls.anthropic })
    const asked = { model: 'm', max_tokens: 100, messages: plain(conversation) }
    const message = streaming
      ? await client.messages.stream(asked).finalMessage()
      : await client.messages.create(asked)
    return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  },
  async genai(conversation, streaming) {
    const client = new GoogleGenAI({
      apiKey: 'none',
      httpOptions: { baseUrl: lab.baseUrls.gemini },
    })
    const contents = conversation.map(({ role, text }) => ({
      role: role === 'user' ? 'user' : 'model',
      parts: [{ text }],
    }))
    const asked = { model: 'm', contents }
    if (!streaming) return (await client.models.generateContent(asked)).text
    let text = ''
    for await (const chunk of await client.models.generateContentStream(asked)) {
      text += chunk.text ?? ''
    }
    return text
  },
}

const ways = Object.keys(sdks).flatMap((name) =>
  [false, true].map((streaming) => ({ name, streaming })),
)

describe.each(ways)('$name, streamed: $streaming', ({ name, streaming }) => {
  const ask = (of: { user?: string; session: string }, ...conversation: readonly Said[]) =>
    holdfast.run(of, () => sdks[name]?.(conversation, streaming))

  test('what was said in one conversation is known in the next, to that user alone', async () => {
    start()
    await ask({ user: 'ada', session: '1' }, user('I prefer an aisle seat on flights.'))
    const question = user('Which seat do I get on my flights?')
    await learnt('ada')

    expect(await ask({ user: 'ada', session: '2' }, question)).toBe(
      'An aisle seat, as you like it.',
    )
    expect(await ask({ user: 'bob', session: '3' }, question)).toBe('Noted.')
    expect(await ask({ session: '4' }, question)).toBe('Noted.')
    expect(events.filter(({ type }) => type === 'memory-injected')).toHaveLength(1)
  })

  test('a stateless caller goes on with its conversation', async () => {
    start({ sessionTurns: true, learn: false })
    const of = { user: 'ada', session: '1' }
    await ask(of, user('The flight is on Monday, in an aisle seat.'))

    expect(await ask(of, user('What did I say?'))).toBe('An aisle seat, as you like it.')
    expect(lab.requests.at(-1)?.bodyText.match(/on Monday/g)).toHaveLength(1)
  })
})

/** Waits until something is known of the user. */
async function learnt(name: string): Promise<void> {
  await expect
    .poll(async () => (await holdfast.memory.export({ user: name })).memories.length)
    .toBeGreaterThan(0)
}
