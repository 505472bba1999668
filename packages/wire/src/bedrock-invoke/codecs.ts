import type { LlmRequest } from '@holdfast/core'
import { readRequest as readMessages } from '../anthropic-messages/read-request.ts'
import { writeRequest as writeMessages } from '../anthropic-messages/write-request.ts'
import { readRequest as readConverse } from '../bedrock-converse/read-request.ts'
import { writeRequest as writeConverse } from '../bedrock-converse/write-request.ts'
import { type JsonObject, list, object } from '../json/json.ts'
import { readRequest as readChat } from '../openai-chat/read-request.ts'
import { writeRequest as writeChat } from '../openai-chat/write-request.ts'
import type { MutableObject } from '../request/members.ts'
import type { ReadSource, RequestChange, RequestCodec } from '../request/request-codec.ts'

/** How the vendor of a model says what a request says. */
type VendorCodec = Pick<RequestCodec, 'read' | 'write'>

const messages: VendorCodec = { read: readMessages, write: writeMessages }
const converse: VendorCodec = { read: readConverse, write: writeConverse }
const chat: VendorCodec = { read: readChat, write: writeChat }

/** Models that take one text: Titan, Llama, Cohere's and Mistral's first. The text stays where it is until it changes. */
const prompt: VendorCodec = {
  read: (body: JsonObject, { operation }: ReadSource): LlmRequest => ({
    model: '',
    system: [],
    messages: textsOf(body).map((text) => ({ role: 'user', parts: [{ type: 'text', text }] })),
    tools: [],
    stream: false,
    extra: operation === 'chat' ? body : { ...body },
  }),
  write: (body: MutableObject, { before, after }: RequestChange): void => {
    if (before.messages === after.messages) return
    const name = promptNames.find((name) => name in body)
    if (name === undefined) return
    const texts = after.messages.map((message) =>
      message.parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    )
    body[name] = Array.isArray(body[name]) ? texts : texts.join('\n\n')
  },
}

const promptNames = ['prompt', 'inputText', 'message', 'texts']

function textsOf(body: JsonObject): string[] {
  const name = promptNames.find((name) => name in body)
  const value = name === undefined ? undefined : body[name]
  return [value].flat().filter((text) => typeof text === 'string')
}

/** The codec for a body, by its shape: a profile's name does not tell whose model it stands for. */
export function codecOf(body: JsonObject): VendorCodec {
  if ('anthropic_version' in body) return messages
  if (!Array.isArray(body['messages'])) return prompt
  if ('schemaVersion' in body || 'inferenceConfig' in body) return converse
  const first = object(list(object(list(body['messages'])[0])?.['content'])[0])
  // Amazon's blocks are named by their member, all others by their type.
  return first !== undefined && !('type' in first) ? converse : chat
}
