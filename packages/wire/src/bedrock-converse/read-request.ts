import { present } from '@holdfast/core'
import type { LlmRequest, OutputFormat } from '@holdfast/core'
import { bedrockPath } from '../endpoints/bedrock-path.ts'
import { type JsonObject, list, number, object, parseJson, text } from '../json/json.ts'
import { isStrings, Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { readContent } from './content.ts'
import { readMessage } from './messages.ts'
import { readTool, readToolChoice } from './tools.ts'

/** Reads the body of a Converse request; the model and whether it streams stand in the address. */
export function readRequest(body: JsonObject, { url, originals }: ReadSource): LlmRequest {
  const path = bedrockPath(url)
  const members = new Members(body)
  const system = members.list('system')
  const messages = members.list('messages') ?? []
  const tools = object(body['toolConfig'])
  const inference = new Members(object(body['inferenceConfig']) ?? {})
  return {
    model: path?.model ?? '',
    system: readContent(system, originals),
    messages: messages.map((message) => readMessage(message, originals)),
    tools: list(tools?.['tools']).map((tool) => readTool(tool, originals)),
    stream: path?.method === 'converse-stream',
    ...present({
      toolChoice: readToolChoice(object(tools?.['toolChoice'])),
      maxOutputTokens: inference.number('maxTokens'),
      temperature: inference.number('temperature'),
      topP: inference.number('topP'),
      topK: number(additional(body)?.['top_k']),
      stopSequences: inference.take('stopSequences', isStrings),
      reasoning: readReasoning(body),
      output: readOutput(body),
      metadata: members.object('requestMetadata'),
    }),
    extra: members.rest,
  }
}

/** The model's own parameters; `thinking` and `reasoning_config` are two names that Anthropic's models know. */
export function additional(body: JsonObject): JsonObject | undefined {
  return object(body['additionalModelRequestFields'])
}

function readReasoning(body: JsonObject): LlmRequest['reasoning'] {
  const effort = text(object(body['outputConfig'])?.['effort']) || undefined
  const fields = additional(body)
  const thinking = object(fields?.['thinking']) ?? object(fields?.['reasoning_config'])
  const budgetTokens = number(thinking?.['budget_tokens'])
  if (effort === undefined && budgetTokens === undefined) return undefined
  return present({ effort, budgetTokens })
}

/** A schema is JSON inside of JSON here. */
function readOutput(body: JsonObject): OutputFormat | undefined {
  const format = object(object(body['outputConfig'])?.['textFormat'])
  const definition = object(object(format?.['structure'])?.['jsonSchema'])
  if (definition === undefined) return undefined
  const { schema } = definition
  const name = text(definition['name']) || undefined
  return {
    type: 'json-schema',
    schema: typeof schema === 'string' ? (parseJson(schema) ?? schema) : schema,
    ...present({ name }),
  }
}
