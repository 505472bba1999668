import type { LlmRequest, OutputFormat } from '@holdfast/core'
import { object } from '../json/json.ts'
import { writeTool } from '../openai-chat/tools.ts'
import { writeInputs } from '../request/inputs.ts'
import { assign, changed, type MutableObject } from '../request/members.ts'
import { type RequestChange, writePlain } from '../request/request-codec.ts'
import { textOf, writeMessage, writeSystem } from './messages.ts'

/** Writes what changed in a request to Ollama. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after, originals } = change
  writePlain(body, change, { model: 'model' })
  if (change.operation === 'embeddings') {
    if (changed(before.messages, after.messages)) writeInputs(body, 'input', after.messages)
    return
  }
  const others = changed(before.system, after.system) || changed(before.messages, after.messages)
  if (others && 'prompt' in body) writePrompt(body, after)
  else if (others) {
    body['messages'] = [
      ...after.system.map((part) => writeSystem(part, originals)),
      ...after.messages.flatMap((message) => writeMessage(message, originals)),
    ]
  }
  if (changed(before.tools, after.tools)) {
    const tools = after.tools.map((tool) => writeTool(tool, originals))
    assign(body, 'tools', tools.length > 0 ? tools : undefined)
  }
  writeOptions(body, before, after)
  if (after.stream !== before.stream) body['stream'] = after.stream
  if (after.output !== before.output) assign(body, 'format', writeOutput(after.output))
  if (after.reasoning !== before.reasoning) assign(body, 'think', writeThink(after.reasoning))
}

/** A schema as it is, `json` for any JSON. */
export function writeOutput(output: OutputFormat | undefined): unknown {
  if (output?.type === 'json-schema') return output.schema
  return output?.type === 'json' ? 'json' : undefined
}

/** An effort in a word of Ollama's, or just that there is to be thinking. */
export function writeThink(reasoning: LlmRequest['reasoning']): unknown {
  if (reasoning === undefined) return undefined
  const { effort } = reasoning
  return effort === 'low' || effort === 'medium' || effort === 'high' ? effort : true
}

/** A prompt has no turns: texts stand one after another. */
function writePrompt(body: MutableObject, after: LlmRequest): void {
  const parts = after.messages.flatMap((message) => message.parts)
  body['prompt'] = textOf(parts)
  assign(body, 'system', after.system.length > 0 ? textOf(after.system) : undefined)
  const images = parts.flatMap((part) => (part.type === 'media' ? [part.data] : []))
  assign(body, 'images', images.length > 0 ? images : undefined)
}

const options: Readonly<Record<string, keyof LlmRequest>> = {
  num_predict: 'maxOutputTokens',
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  stop: 'stopSequences',
  seed: 'seed',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
}

function writeOptions(body: MutableObject, before: LlmRequest, after: LlmRequest): void {
  const changes = Object.entries(options).filter(([, key]) => before[key] !== after[key])
  if (changes.length === 0) return
  const written: MutableObject = { ...object(body['options']) }
  for (const [name, key] of changes) assign(written, name, after[key])
  body['options'] = written
}
