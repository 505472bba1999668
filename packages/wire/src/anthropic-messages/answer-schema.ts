import { narrowedSchema, plainSchema } from '../compose/schema.ts'
import type { Losses } from '../compose/losses.ts'
import type { JsonObject } from '../json/json.ts'

// https://platform.claude.com/docs/en/build-with-claude/structured-outputs (2026-11-21)
const known = new Set([
  'type',
  'enum',
  'const',
  'anyOf',
  'allOf',
  '$ref',
  '$defs',
  'definitions',
  'properties',
  'required',
  'items',
  'additionalProperties',
  'description',
  'title',
  'default',
  'format',
])
const saysNothing = new Set(['$schema', '$id', 'propertyOrdering'])
const formats = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
])

/** A schema that Anthropic holds its models to: objects without further members, and no limits of numbers and lengths. */
export function answerSchema(schema: unknown, losses: Losses): unknown {
  return narrowedSchema(plainSchema(schema), (level) => narrowed(level, losses))
}

function narrowed(level: JsonObject, losses: Losses): JsonObject {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(level)) {
    if (name === 'oneOf') kept['anyOf'] = value
    else if (known.has(name) && (name !== 'format' || formats.has(String(value))))
      kept[name] = value
    else if (name === 'minItems' && (value === 0 || value === 1)) kept[name] = value
    else if (!saysNothing.has(name)) losses.detail(`${name} of a strict schema`)
  }
  if (level['type'] === 'object' || level['properties'] !== undefined) {
    if (level['additionalProperties'] !== false) losses.detail('further members of a strict schema')
    kept['additionalProperties'] = false
  }
  return kept
}
