import { present } from '@holdfast/core'
import type { LlmRequest, OutputFormat } from '@holdfast/core'
import { type JsonObject, list, number, object, text } from '../json/json.ts'
import { isStrings, Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { readContent } from './content.ts'
import { readMessage } from './messages.ts'
import { isToolChoice, readTool, readToolChoice } from './tools.ts'

/** Reads the body of a request to the Messages API, or of its token count. */
export function readRequest(body: JsonObject, { originals }: ReadSource): LlmRequest {
  const members = new Members(body)
  const system = members.peek('system')
  members.drop('system')
  const toolChoice = members.take('tool_choice', isToolChoice)
  const disabled = toolChoice?.['disable_parallel_tool_use']
  const metadata = members.object('metadata')
  const effort = text(object(members.peek('output_config'))?.['effort'])
  const budgetTokens = number(object(members.peek('thinking'))?.['budget_tokens'])
  return {
    model: members.string('model') ?? '',
    system: readContent(system, originals),
    messages: list(members.list('messages')).map((message) => readMessage(message, originals)),
    tools: (members.list('tools') ?? []).map((tool) => readTool(tool, originals)),
    stream: members.boolean('stream') ?? false,
    ...present({
      toolChoice: toolChoice && readToolChoice(toolChoice),
      parallelToolCalls: typeof disabled === 'boolean' ? !disabled : undefined,
      maxOutputTokens: members.number('max_tokens'),
      temperature: members.number('temperature'),
      topP: members.number('top_p'),
      topK: members.number('top_k'),
      stopSequences: members.take('stop_sequences', isStrings),
      reasoning:
        effort === '' && budgetTokens === undefined
          ? undefined
          : present({ effort: effort === '' ? undefined : effort, budgetTokens }),
      output: readOutput(members),
      user: text(metadata?.['user_id']) || undefined,
      metadata,
    }),
    extra: members.rest,
  }
}

/** Two names for one thing: output_config.format, and output_format before it. */
function readOutput(members: Members): OutputFormat | undefined {
  const config = object(object(members.peek('output_config'))?.['format'])
  const format = config ?? object(members.peek('output_format'))
  return format?.['type'] === 'json_schema'
    ? { type: 'json-schema', schema: format['schema'] }
    : undefined
}
