import { present } from '@holdfast/core'
import type { ToolChoice, ToolDefinition } from '@holdfast/core'
import { type JsonObject, list, object, text } from '../json/json.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** The tools that the request offers: declared functions, and tools that Google runs. */
export function readTools(tools: unknown, originals: Originals): ToolDefinition[] {
  return list(tools).flatMap((value) =>
    Object.entries(object(value) ?? {}).flatMap(([name, tool]): ToolDefinition[] => {
      if (name === 'functionDeclarations' || name === 'function_declarations') {
        return list(tool).map((one) => readDeclaration(one, originals))
      }
      return tool === null || tool === undefined ? [] : [{ name, provider: { [name]: tool } }]
    }),
  )
}

function readDeclaration(value: unknown, originals: Originals): ToolDefinition {
  const members = new Members(object(value) ?? {})
  return originals.keep(
    {
      name: members.string('name') ?? '',
      ...present({
        description: members.string('description'),
        parameters:
          members.object('parametersJsonSchema') ??
          members.object('parameters_json_schema') ??
          members.object('parameters'),
      }),
      ...members.extra(),
    },
    value,
  )
}

/** The tools as the format says them: functions that follow each other are declared together. */
export function writeTools(tools: readonly ToolDefinition[], originals: Originals): unknown[] {
  const written: unknown[] = []
  let functionDeclarations: unknown[] | undefined
  for (const tool of tools) {
    if (tool.provider !== undefined) {
      functionDeclarations = undefined
      written.push(tool.provider)
    } else {
      if (functionDeclarations === undefined) {
        functionDeclarations = []
        written.push({ functionDeclarations })
      }
      functionDeclarations.push(writeDeclaration(tool, originals))
    }
  }
  return written
}

/** True for a schema in Google's own dialect, which has other members to go into: `{ type: 'OBJECT' }`. */
export function isGoogleSchema(schema: unknown): boolean {
  const type = text(object(schema)?.['type'])
  return type !== '' && type === type.toUpperCase()
}

function writeDeclaration(tool: ToolDefinition, originals: Originals): unknown {
  const original = originals.of(tool)
  if (original !== undefined) return original
  const { name, description, parameters, extra } = tool
  const member = isGoogleSchema(parameters) ? 'parameters' : 'parametersJsonSchema'
  return present({ name, description, [member]: parameters, ...extra })
}

/** The choice out of toolConfig, where it has a neutral form. */
export function readToolChoice(toolConfig: JsonObject | undefined): ToolChoice | undefined {
  const config = object(toolConfig?.['functionCallingConfig'])
  const names = list(config?.['allowedFunctionNames'])
  switch (text(config?.['mode']).toUpperCase()) {
    case 'AUTO':
      return 'auto'
    case 'NONE':
      return 'none'
    case 'ANY':
      if (names.length > 1) return undefined
      return names.length === 1 ? { name: text(names[0]) } : 'required'
    default:
      return undefined
  }
}

export function writeToolChoice(choice: ToolChoice | undefined): unknown {
  if (choice === undefined) return undefined
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] }
  return { mode: choice === 'required' ? 'ANY' : choice.toUpperCase() }
}
