import { present } from '@holdfast/core'
import type { OutputFormat, ToolChoice, ToolDefinition } from '@holdfast/core'
import { type JsonObject, object, text } from '../json/json.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** A tool that the request offers: a function, or one that OpenAI runs. */
export function readTool(value: unknown, originals: Originals): ToolDefinition {
  const members = new Members(object(value) ?? {})
  const type = members.string('type')
  const name = members.string('name')
  if (type !== 'function' || name === undefined) {
    const label = name ?? members.string('server_label') ?? type ?? ''
    return originals.keep({ name: label, provider: value }, value)
  }
  return originals.keep(
    {
      name,
      ...present({
        description: members.string('description'),
        parameters: members.object('parameters'),
        strict: members.boolean('strict'),
      }),
      ...members.extra(),
    },
    value,
  )
}

/** The tool as the format says it. */
export function writeTool(tool: ToolDefinition, originals: Originals): unknown {
  const original = originals.of(tool)
  if (original !== undefined) return original
  if (tool.provider !== undefined) return tool.provider
  const { name, description, parameters, strict, extra } = tool
  return { type: 'function', ...present({ name, description, parameters, strict, ...extra }) }
}

/** True for the choices that have a neutral form. */
export function isToolChoice(value: unknown): value is string | JsonObject {
  if (typeof value === 'string') return ['auto', 'none', 'required'].includes(value)
  const choice = object(value)
  return choice?.['type'] === 'function' && text(choice['name']) !== ''
}

export function readToolChoice(value: string | JsonObject): ToolChoice {
  if (typeof value !== 'string') return { name: text(value['name']) }
  return value === 'auto' || value === 'none' ? value : 'required'
}

export function writeToolChoice(choice: ToolChoice | undefined): unknown {
  return typeof choice === 'object' ? { type: 'function', name: choice.name } : choice
}

/** The output format out of the `text` member. */
export function readOutput(value: unknown): OutputFormat | undefined {
  const format = new Members(object(object(value)?.['format']) ?? {})
  switch (format.string('type')) {
    case 'text':
      return { type: 'text' }
    case 'json_object':
      return { type: 'json' }
    case 'json_schema':
      return {
        type: 'json-schema',
        schema: format.peek('schema'),
        ...present({ name: format.string('name'), strict: format.boolean('strict') }),
      }
    default:
      return undefined
  }
}

export function writeOutput(output: OutputFormat | undefined): unknown {
  if (output?.type !== 'json-schema') {
    return output && { type: output.type === 'json' ? 'json_object' : 'text' }
  }
  const { name = 'answer', schema, strict } = output
  return present({ type: 'json_schema', name, schema, strict })
}
