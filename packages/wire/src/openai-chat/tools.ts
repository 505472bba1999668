import { present } from '@holdfast/core'
import type { OutputFormat, ToolChoice, ToolDefinition } from '@holdfast/core'
import { type JsonObject, object, text } from '../json/json.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** A tool that the request offers: a function, or one that the provider runs. */
export function readTool(value: unknown, originals: Originals): ToolDefinition {
  const tool = object(value) ?? {}
  const what = object(tool['function'])
  if (what === undefined) {
    const name = text(object(tool['custom'])?.['name']) || text(tool['type'])
    return originals.keep({ name, provider: value }, value)
  }
  const members = new Members(what)
  return originals.keep(
    {
      name: members.string('name') ?? '',
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
  return {
    type: 'function',
    function: present({ name, description, parameters, strict, ...extra }),
  }
}

/** True for the choices that have a neutral form. */
export function isToolChoice(value: unknown): value is string | JsonObject {
  if (typeof value === 'string') return ['auto', 'none', 'required', 'any'].includes(value)
  return text(object(object(value)?.['function'])?.['name']) !== ''
}

export function readToolChoice(value: string | JsonObject): ToolChoice {
  if (typeof value !== 'string') return { name: text(object(value['function'])?.['name']) }
  return value === 'auto' || value === 'none' ? value : 'required'
}

export function writeToolChoice(choice: ToolChoice | undefined): unknown {
  return typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice
}

/** True for the output formats that have a neutral form. */
export function isOutput(value: unknown): value is JsonObject {
  const type = object(value)?.['type']
  return type === 'text' || type === 'json_object' || type === 'json_schema'
}

export function readOutput(value: JsonObject): OutputFormat {
  if (value['type'] === 'text') return { type: 'text' }
  if (value['type'] === 'json_object') return { type: 'json' }
  const schema = new Members(object(value['json_schema']) ?? {})
  return {
    type: 'json-schema',
    schema: schema.peek('schema'),
    ...present({ name: schema.string('name'), strict: schema.boolean('strict') }),
  }
}

export function writeOutput(output: OutputFormat | undefined): unknown {
  if (output?.type !== 'json-schema') {
    return output && { type: output.type === 'json' ? 'json_object' : 'text' }
  }
  const { name = 'answer', schema, strict } = output
  return { type: 'json_schema', json_schema: present({ name, schema, strict }) }
}
