import type { LlmRequest, OutputFormat } from '@holdfast/core'
import { list, object } from '../json/json.ts'
import { assign, changed, type MutableObject } from '../request/members.ts'
import type { RequestChange } from '../request/request-codec.ts'
import { writeContent, writeParts } from './content.ts'
import { isGoogleSchema, writeToolChoice, writeTools } from './tools.ts'

/** Writes what changed in a Gemini request. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const nested = object(body['generateContentRequest'])
  if (nested === undefined) writeBody(body, change)
  else {
    const inner: MutableObject = { ...nested }
    writeBody(inner, change)
    if (change.after.model !== change.before.model) inner['model'] = `models/${change.after.model}`
    body['generateContentRequest'] = inner
  }
}

/** The address of the same method of another model, or of the same model streamed or not. */
export function writeUrl(url: string, { before, after }: RequestChange): string {
  let written = url
  if (after.model !== before.model) {
    const name = encodeURIComponent(after.model)
    written = written.replace(/\/models\/[^/?#]*?(?=:\w+\/?(?:[?#]|$))/, `/models/${name}`)
  }
  if (after.stream !== before.stream) {
    written = after.stream
      ? written.replace(':generateContent', ':streamGenerateContent')
      : written.replace(':streamGenerateContent', ':generateContent')
  }
  return written
}

function writeBody(body: MutableObject, change: RequestChange): void {
  const { before, after, originals } = change
  if (changed(before.system, after.system)) {
    const name = 'system_instruction' in body ? 'system_instruction' : 'systemInstruction'
    const parts = writeParts(after.system, originals)
    const kept = object(body[name]) ?? {}
    assign(body, name, parts.length > 0 ? { ...('parts' in kept ? kept : {}), parts } : undefined)
  }
  if (changed(before.messages, after.messages)) writeMessages(body, change)
  if (changed(before.tools, after.tools)) {
    const tools = writeTools(after.tools, originals)
    assign(body, 'tools', tools.length > 0 ? tools : undefined)
  }
  if (after.toolChoice !== before.toolChoice) {
    const name = 'tool_config' in body ? 'tool_config' : 'toolConfig'
    const config = { ...object(body[name]) }
    assign(config, 'functionCallingConfig', writeToolChoice(after.toolChoice))
    assign(body, name, Object.keys(config).length > 0 ? config : undefined)
  }
  if (after.metadata !== before.metadata) assign(body, 'labels', after.metadata)
  writeConfig(body, before, after)
}

function writeMessages(body: MutableObject, { after, originals }: RequestChange): void {
  const contents = after.messages.map((message) => writeContent(message, originals))
  if ('content' in body) body['content'] = contents[0]
  else if ('requests' in body) {
    body['requests'] = list(body['requests']).map((request, index) => ({
      ...object(request),
      content: contents[index],
    }))
  } else body['contents'] = contents
}

const plain: Readonly<Record<string, keyof LlmRequest>> = {
  maxOutputTokens: 'maxOutputTokens',
  temperature: 'temperature',
  topP: 'topP',
  topK: 'topK',
  stopSequences: 'stopSequences',
  seed: 'seed',
  frequencyPenalty: 'frequencyPenalty',
  presencePenalty: 'presencePenalty',
}

function writeConfig(body: MutableObject, before: LlmRequest, after: LlmRequest): void {
  const member = 'generation_config' in body ? 'generation_config' : 'generationConfig'
  const config: MutableObject = { ...object(body[member]) }
  let changed = false
  for (const [name, key] of Object.entries(plain)) {
    if (after[key] === before[key]) continue
    changed = true
    assign(config, name, after[key])
  }
  if (after.reasoning !== before.reasoning) {
    changed = true
    const thinking = { ...object(config['thinkingConfig']) }
    assign(thinking, 'thinkingBudget', after.reasoning?.budgetTokens)
    assign(thinking, 'thinkingLevel', after.reasoning?.effort)
    assign(config, 'thinkingConfig', Object.keys(thinking).length > 0 ? thinking : undefined)
  }
  if (after.output !== before.output) {
    changed = true
    writeOutput(config, after.output)
  }
  if (changed) assign(body, member, Object.keys(config).length > 0 ? config : undefined)
}

function writeOutput(config: MutableObject, output: OutputFormat | undefined): void {
  const json = output !== undefined && output.type !== 'text'
  const schema = output?.type === 'json-schema' ? output.schema : undefined
  const google = isGoogleSchema(schema)
  assign(config, 'responseMimeType', json ? 'application/json' : undefined)
  assign(config, 'responseSchema', google ? schema : undefined)
  assign(config, 'responseJsonSchema', google ? undefined : schema)
}
