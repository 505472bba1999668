import type { LlmRequest, Part } from '@holdfast/core'
import { object } from '../json/json.ts'
import { writeTool } from '../openai-chat/tools.ts'
import { assign, changed, type MutableObject } from '../request/members.ts'
import { type RequestChange, writePlain } from '../request/request-codec.ts'
import { writeEntries } from './entries.ts'

/** Writes what changed in a request that begins a conversation. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after, originals } = change
  const isAgent = 'agent_id' in body && !('model' in body)
  writePlain(body, change, { model: isAgent ? 'agent_id' : 'model', metadata: 'metadata' })
  if (changed(before.system, after.system)) {
    assign(body, 'instructions', after.system.length > 0 ? textOf(after.system) : undefined)
  }
  if (changed(before.messages, after.messages)) {
    body['inputs'] = after.messages.flatMap((message) => writeEntries(message, originals))
  }
  if (changed(before.tools, after.tools)) {
    const tools = after.tools.map((tool) => writeTool(tool, originals))
    assign(body, 'tools', tools.length > 0 ? tools : undefined)
  }
  if (after.stream !== before.stream) body['stream'] = after.stream
  writeArguments(body, before, after)
}

const plain: Readonly<Record<string, keyof LlmRequest>> = {
  max_tokens: 'maxOutputTokens',
  temperature: 'temperature',
  top_p: 'topP',
  stop: 'stopSequences',
  random_seed: 'seed',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
}

function writeArguments(body: MutableObject, before: LlmRequest, after: LlmRequest): void {
  const changes = Object.entries(plain).filter(([, key]) => before[key] !== after[key])
  const reasons = before.reasoning !== after.reasoning
  if (changes.length === 0 && !reasons) return
  const written: MutableObject = { ...object(body['completion_args']) }
  for (const [name, key] of changes) assign(written, name, after[key])
  if (reasons) assign(written, 'reasoning_effort', after.reasoning?.effort)
  body['completion_args'] = written
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n\n')
}
