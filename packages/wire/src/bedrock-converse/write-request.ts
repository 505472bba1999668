import { present } from '@holdfast/core'
import type { LlmRequest, OutputFormat } from '@holdfast/core'
import { withBedrockPath } from '../endpoints/bedrock-path.ts'
import { type JsonObject, list, object } from '../json/json.ts'
import { assign, changed, type MutableObject } from '../request/members.ts'
import { type RequestChange, writePlain } from '../request/request-codec.ts'
import { writeContent } from './content.ts'
import { writeMessage } from './messages.ts'
import { additional } from './read-request.ts'
import { writeTool, writeToolChoice } from './tools.ts'

/** Writes what changed in a Converse request. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after, originals } = change
  if (changed(before.system, after.system)) {
    const system = writeContent(after.system, originals)
    assign(body, 'system', system.length > 0 ? system : undefined)
  }
  if (changed(before.messages, after.messages)) {
    body['messages'] = after.messages.map((message) => writeMessage(message, originals))
  }
  if (changed(before.tools, after.tools) || before.toolChoice !== after.toolChoice) {
    writeTools(body, change)
  }
  writePlain(body, change, { metadata: 'requestMetadata' })
  merge(body, 'inferenceConfig', {
    ...difference(change, 'maxOutputTokens', 'maxTokens'),
    ...difference(change, 'temperature', 'temperature'),
    ...difference(change, 'topP', 'topP'),
    ...difference(change, 'stopSequences', 'stopSequences'),
  })
  merge(body, 'additionalModelRequestFields', difference(change, 'topK', 'top_k'))
  if (before.reasoning !== after.reasoning) writeReasoning(body, before.reasoning, after.reasoning)
  if (before.output !== after.output) {
    merge(body, 'outputConfig', { textFormat: writeOutput(after.output) })
  }
}

/** The address of the same method of another model, or of the same model streamed or not. */
export function writeUrl(url: string, { before, after }: RequestChange): string {
  if (before.model === after.model && before.stream === after.stream) return url
  const method = after.stream ? 'converse-stream' : 'converse'
  return withBedrockPath(url, { model: after.model, method })
}

/** An output format with its schema as JSON inside of JSON. */
export function writeOutput(output: OutputFormat | undefined): unknown {
  if (output?.type !== 'json-schema') return undefined
  const { schema, name } = output
  const jsonSchema = { schema: JSON.stringify(schema), ...present({ name }) }
  return { type: 'json_schema', structure: { jsonSchema } }
}

/** A list of tools must not be empty: without tools the member goes. */
function writeTools(body: MutableObject, { before, after, originals }: RequestChange): void {
  const config: MutableObject = { ...object(body['toolConfig']) }
  config['tools'] = changed(before.tools, after.tools)
    ? after.tools.map((tool) => writeTool(tool, originals))
    : list(config['tools'])
  if (before.toolChoice !== after.toolChoice) {
    assign(config, 'toolChoice', writeToolChoice(after.toolChoice))
  }
  assign(body, 'toolConfig', after.tools.length > 0 ? config : undefined)
}

function writeReasoning(
  body: MutableObject,
  before: LlmRequest['reasoning'],
  after: LlmRequest['reasoning'],
): void {
  if (before?.effort !== after?.effort) merge(body, 'outputConfig', { effort: after?.effort })
  if (before?.budgetTokens === after?.budgetTokens) return
  const fields = additional(body)
  const name = fields && 'reasoning_config' in fields ? 'reasoning_config' : 'thinking'
  const budget = after?.budgetTokens
  const thinking =
    budget === undefined
      ? undefined
      : { ...object(fields?.[name]), type: 'enabled', budget_tokens: budget }
  merge(body, 'additionalModelRequestFields', { [name]: thinking })
}

function difference(
  { before, after }: RequestChange,
  key: Exclude<keyof LlmRequest, 'extra'>,
  name: string,
): JsonObject {
  return before[key] === after[key] ? {} : { [name]: after[key] }
}

/** Sets members of a member, which comes and goes with them. */
function merge(body: MutableObject, name: string, changes: JsonObject): void {
  if (Object.keys(changes).length === 0) return
  const inner: MutableObject = { ...object(body[name]) }
  for (const [key, value] of Object.entries(changes)) assign(inner, key, value)
  assign(body, name, Object.keys(inner).length > 0 ? inner : undefined)
}
