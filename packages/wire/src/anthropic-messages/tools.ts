import { present } from '@holdfast/core'
import type { ToolChoice, ToolDefinition } from '@holdfast/core'
import { type JsonObject, object, text } from '../json/json.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** A tool that the request offers: the application's own, or one that Anthropic defines. */
export function readTool(value: unknown, originals: Originals): ToolDefinition {
  const members = new Members(object(value) ?? {})
  const type = members.string('type')
  const name = members.string('name') ?? ''
  if (type !== undefined && type !== 'custom') {
    return originals.keep({ name: name === '' ? type : name, provider: value }, value)
  }
  return originals.keep(
    {
      name,
      ...present({
        description: members.string('description'),
        parameters: members.object('input_schema'),
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
  const { name, description, parameters = { type: 'object' }, strict, extra } = tool
  return present({ name, description, input_schema: parameters, strict, ...extra })
}

export function isToolChoice(value: unknown): value is JsonObject {
  return ['auto', 'any', 'none', 'tool'].includes(text(object(value)?.['type']))
}

export function readToolChoice(value: JsonObject): ToolChoice {
  if (value['type'] === 'tool') return { name: text(value['name']) }
  if (value['type'] === 'any') return 'required'
  return value['type'] === 'none' ? 'none' : 'auto'
}

/** Choice and parallelism are one member here. */
export function writeToolChoice(
  choice: ToolChoice | undefined,
  parallel: boolean | undefined,
): unknown {
  if (choice === undefined && parallel === undefined) return undefined
  const disable_parallel_tool_use = parallel === undefined ? undefined : !parallel
  const named = typeof choice === 'object' ? { type: 'tool', name: choice.name } : undefined
  const type = choice === 'required' ? 'any' : (choice ?? 'auto')
  // No choice, nothing to be parallel.
  if (type === 'none') return { type }
  return present({ ...(named ?? { type }), disable_parallel_tool_use })
}
