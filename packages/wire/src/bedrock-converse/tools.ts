import { present } from '@holdfast/core'
import type { ToolChoice, ToolDefinition } from '@holdfast/core'
import { type JsonObject, object, text } from '../json/json.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** A tool that the request offers: the application's own, one of Bedrock's, or a cache point among them. */
export function readTool(value: unknown, originals: Originals): ToolDefinition {
  const tool = object(value) ?? {}
  const spec = object(tool['toolSpec'])
  if (spec === undefined) {
    const name = text(object(tool['systemTool'])?.['name']) || (Object.keys(tool)[0] ?? '')
    return originals.keep({ name, provider: value }, value)
  }
  const members = new Members(spec)
  const schema = members.object('inputSchema')
  return originals.keep(
    {
      name: members.string('name') ?? '',
      ...present({
        description: members.string('description'),
        parameters: schema?.['json'],
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
  const inputSchema = { json: parameters }
  return { toolSpec: present({ name, description, inputSchema, strict, ...extra }) }
}

export function readToolChoice(value: JsonObject | undefined): ToolChoice | undefined {
  if (value === undefined) return undefined
  const tool = object(value['tool'])
  if (tool !== undefined) return { name: text(tool['name']) }
  if (object(value['any']) !== undefined) return 'required'
  return object(value['auto']) === undefined ? undefined : 'auto'
}

/** Bedrock has no way to forbid the tools that it offers: `none` is left out. */
export function writeToolChoice(choice: ToolChoice | undefined): unknown {
  if (typeof choice === 'object') return { tool: { name: choice.name } }
  if (choice === 'required') return { any: {} }
  return choice === 'auto' ? { auto: {} } : undefined
}
