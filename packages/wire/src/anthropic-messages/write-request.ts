import { object } from '../json/json.ts'
import { assign, changed, type MutableObject } from '../request/members.ts'
import { type RequestChange, writePlain } from '../request/request-codec.ts'
import { writeMessage, writeSystem } from './messages.ts'
import { writeTool, writeToolChoice } from './tools.ts'

/** Writes what changed in a request to the Messages API. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after, originals } = change
  if (changed(before.system, after.system))
    assign(body, 'system', writeSystem(after.system, originals))
  if (changed(before.messages, after.messages)) {
    body['messages'] = after.messages.map((message) => writeMessage(message, originals))
  }
  if (changed(before.tools, after.tools)) {
    const tools = after.tools.map((tool) => writeTool(tool, originals))
    assign(body, 'tools', tools.length > 0 ? tools : undefined)
  }
  writePlain(body, change, {
    model: 'model',
    maxOutputTokens: 'max_tokens',
    temperature: 'temperature',
    topP: 'top_p',
    topK: 'top_k',
    stopSequences: 'stop_sequences',
    metadata: 'metadata',
  })
  if (after.stream !== before.stream) body['stream'] = after.stream
  if (after.user !== before.user) {
    const metadata = { ...object(body['metadata']) }
    assign(metadata, 'user_id', after.user)
    body['metadata'] = metadata
  }
  if (
    after.toolChoice !== before.toolChoice ||
    after.parallelToolCalls !== before.parallelToolCalls
  ) {
    assign(body, 'tool_choice', writeToolChoice(after.toolChoice, after.parallelToolCalls))
  }
  if (after.reasoning !== before.reasoning) writeReasoning(body, after.reasoning)
  if (after.output !== before.output) {
    const format =
      after.output?.type === 'json-schema'
        ? { type: 'json_schema', schema: after.output.schema }
        : undefined
    if ('output_format' in body) assign(body, 'output_format', format)
    else writeConfig(body, 'format', format)
  }
}

function writeReasoning(body: MutableObject, reasoning: RequestChange['after']['reasoning']): void {
  const budget = reasoning?.budgetTokens
  if (budget !== undefined) {
    body['thinking'] = { ...object(body['thinking']), type: 'enabled', budget_tokens: budget }
  } else if (object(body['thinking'])?.['budget_tokens'] !== undefined) delete body['thinking']
  if (reasoning?.effort !== undefined || object(body['output_config'])?.['effort'] !== undefined) {
    writeConfig(body, 'effort', reasoning?.effort)
  }
}

function writeConfig(body: MutableObject, name: string, value: unknown): void {
  const config = { ...object(body['output_config']) }
  assign(config, name, value)
  assign(body, 'output_config', Object.keys(config).length > 0 ? config : undefined)
}
