import { present } from '@holdfast/core'
import type { LlmRequest, Part } from '@holdfast/core'
import { type JsonObject, object, text } from '../json/json.ts'
import { isList, isString, Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { isSystem, itemsOf, readItem, readSystem } from './items.ts'
import { isToolChoice, readOutput, readTool, readToolChoice } from './tools.ts'

/** Reads the body of a request to the Responses API. */
export function readRequest(body: JsonObject, { originals }: ReadSource): LlmRequest {
  const members = new Members(body)
  const items = itemsOf(members.take('input', isInput))
  const first = items.findIndex((item) => !isSystem(item))
  const leading = first < 0 ? items.length : first
  const instructions = members.string('instructions')
  const told: Part[] = instructions === undefined ? [] : [{ type: 'text', text: instructions }]
  const toolChoice = members.take('tool_choice', isToolChoice)
  const effort = text(object(members.peek('reasoning'))?.['effort'])
  const output = readOutput(members.peek('text'))
  return {
    model: members.string('model') ?? '',
    system: [...told, ...items.slice(0, leading).flatMap((item) => readSystem(item, originals))],
    messages: items.slice(leading).map((item) => readItem(item, originals)),
    tools: (members.list('tools') ?? []).map((tool) => readTool(tool, originals)),
    stream: members.boolean('stream') ?? false,
    ...present({
      toolChoice: toolChoice === undefined ? undefined : readToolChoice(toolChoice),
      parallelToolCalls: members.boolean('parallel_tool_calls'),
      maxOutputTokens: members.number('max_output_tokens'),
      temperature: members.number('temperature'),
      topP: members.number('top_p'),
      reasoning: effort === '' ? undefined : { effort },
      output,
      user: members.string('user'),
      metadata: members.object('metadata'),
    }),
    extra: members.rest,
  }
}

function isInput(value: unknown): value is string | readonly unknown[] {
  return isString(value) || isList(value)
}
