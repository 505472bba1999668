import type { OutputFormat, ToolChoice } from '@holdfast/core'
import { type JsonObject, object } from '../json/json.ts'

/** True for the choices that there are; to leave it to the model is to say nothing. */
export function isToolChoice(value: unknown): value is 'REQUIRED' | 'NONE' {
  return value === 'REQUIRED' || value === 'NONE'
}

export function readToolChoice(value: 'REQUIRED' | 'NONE'): ToolChoice {
  return value === 'REQUIRED' ? 'required' : 'none'
}

/** A tool by name cannot be asked for: some tool has to do. */
export function writeToolChoice(choice: ToolChoice | undefined): 'REQUIRED' | 'NONE' | undefined {
  if (choice === undefined || choice === 'auto') return undefined
  return choice === 'none' ? 'NONE' : 'REQUIRED'
}

/** True for the output formats that have a neutral form. */
export function isOutput(value: unknown): value is JsonObject {
  const type = object(value)?.['type']
  return type === 'text' || type === 'json_object'
}

export function readOutput(value: JsonObject): OutputFormat {
  if (value['type'] === 'text') return { type: 'text' }
  const schema = value['json_schema'] ?? value['schema']
  return schema === undefined ? { type: 'json' } : { type: 'json-schema', schema }
}

export function writeOutput(output: OutputFormat | undefined): unknown {
  if (output === undefined) return undefined
  if (output.type === 'text') return { type: 'text' }
  if (output.type === 'json') return { type: 'json_object' }
  return { type: 'json_object', json_schema: output.schema }
}
