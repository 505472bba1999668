import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import type { Lab } from '@holdfast/lab'
import OpenAI from 'openai'

/** A message of a conversation. */
export interface Said {
  readonly role: 'user' | 'assistant'
  readonly text: string
}
export const user = (text: string): Said => ({ role: 'user', text })

/** Asks with a conversation: what the SDK hands to the application as the answer. */
export type Ask = (
  lab: Lab,
  conversation: readonly Said[],
  streaming: boolean,
) => Promise<string | null | undefined>

const openai = (lab: Lab) => new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai })
const plain = (conversation: readonly Said[]) =>
  conversation.map(({ role, text }) => ({ role, content: text }))

const sdks: Record<string, Ask> = {
  async 'openai chat'(lab, conversation, streaming) {
    const asked = { model: 'm', messages: plain(conversation) }
    if (!streaming) {
      const { choices } = await openai(lab).chat.completions.create(asked)
      return choices[0]?.message.content
    }
    let text = ''
    for await (const chunk of await openai(lab).chat.completions.create({
      ...asked,
      stream: true,
    })) {
      text += chunk.choices[0]?.delta.content ?? ''
    }
    return text
  },
  async 'openai responses'(lab, conversation, streaming) {
    const asked = { model: 'm', input: plain(conversation) }
    if (!streaming) return (await openai(lab).responses.create(asked)).output_text
    return (await openai(lab).responses.stream(asked).finalResponse()).output_text
  },
  async anthropic(lab, conversation, streaming) {
    const client = new Anthropic({ apiKey: 'none', baseURL: lab.baseUrls.anthropic })
    const asked = { model: 'm', max_tokens: 100, messages: plain(conversation) }
    const message = streaming
      ? await client.messages.stream(asked).finalMessage()
      : await client.messages.create(asked)
    return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  },
  async genai(lab, conversation, streaming) {
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

/** Each provider's SDK, whole and streamed. */
export const ways: readonly {
  readonly name: string
  readonly streaming: boolean
  readonly ask: Ask
}[] = Object.entries(sdks).flatMap(([name, ask]) =>
  [false, true].map((streaming) => ({ name, streaming, ask })),
)
