import { present } from '@holdfast/core'
import type { LlmRequest, Message, OutputFormat, Part } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { type JsonObject, object } from '../json/json.ts'
import { readTool } from '../openai-chat/tools.ts'
import { readInputs } from '../request/inputs.ts'
import { isStrings, Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { isSystem, readImages, readMessage, readSystem } from './messages.ts'

/** Reads the body of a chat, a `generate` or an embeddings request of Ollama. */
export function readRequest(body: JsonObject, from: ReadSource): LlmRequest {
  const { operation, originals } = from
  const members = new Members(body)
  const model = members.string('model') ?? ''
  const stream = members.boolean('stream')
  if (operation === 'embeddings') {
    const messages = readInputs(members, 'input')
    return { model, system: [], messages, tools: [], stream: false, extra: members.rest }
  }
  const { system, messages } = isGenerate(from.url)
    ? readPrompt(members)
    : readMessages(members, from)
  const options = new Members(object(body['options']) ?? {})
  const effort = members.string('think')
  return {
    model,
    system,
    messages,
    tools: (members.list('tools') ?? []).map((tool) => readTool(tool, originals)),
    // Ollama streams unless told otherwise.
    stream: stream ?? true,
    ...present({
      maxOutputTokens: options.number('num_predict'),
      temperature: options.number('temperature'),
      topP: options.number('top_p'),
      topK: options.number('top_k'),
      stopSequences: options.take('stop', isStrings),
      seed: options.number('seed'),
      frequencyPenalty: options.number('frequency_penalty'),
      presencePenalty: options.number('presence_penalty'),
      reasoning: effort === undefined ? undefined : { effort },
      output: readOutput(body['format']),
    }),
    extra: members.rest,
  }
}

/** True for the address that takes one prompt instead of messages. */
export function isGenerate(url: string): boolean {
  return pathOf(url).endsWith('/api/generate')
}

interface Conversation {
  readonly system: readonly Part[]
  readonly messages: readonly Message[]
}

function readMessages(members: Members, { originals }: ReadSource): Conversation {
  const messages = members.list('messages') ?? []
  const first = messages.findIndex((message) => !isSystem(message))
  const leading = first < 0 ? messages.length : first
  return {
    system: messages.slice(0, leading).map((message) => readSystem(message, originals)),
    messages: messages.slice(leading).map((message) => readMessage(message, originals)),
  }
}

function readPrompt(members: Members): Conversation {
  const system = members.string('system')
  const prompt = members.string('prompt') ?? ''
  const images = readImages(members.peek('images'))
  members.drop('images')
  const parts: Part[] = prompt === '' ? images : [{ type: 'text', text: prompt }, ...images]
  return {
    system: system === undefined ? [] : [{ type: 'text', text: system }],
    messages: [{ role: 'user', parts }],
  }
}

/** JSON, or JSON by a schema; an empty text stands for neither. */
function readOutput(format: unknown): OutputFormat | undefined {
  if (format === 'json') return { type: 'json' }
  return object(format) === undefined ? undefined : { type: 'json-schema', schema: format }
}
