import { type JsonObject, list, object } from '../json/json.ts'

/** A schema in JSON Schema proper; Google's own dialect writes types in capitals and has a word for null. */
export function plainSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plainSchema)
  const members = object(schema)
  if (members === undefined) return schema
  const { nullable, ...rest } = members
  const plain: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(rest)) plain[name] = plainMember(name, value)
  const { type } = plain
  if (nullable === true && typeof type === 'string') plain['type'] = [type, 'null']
  return plain
}

const ofSchemas = new Set(['properties', '$defs', 'definitions', 'patternProperties'])
const values = new Set(['enum', 'const', 'default', 'example', 'examples', 'required'])

/** Vertex AI's SDKs may write types as the numbers of their enumeration. */
const typeByNumber = [
  undefined,
  'string',
  'number',
  'integer',
  'boolean',
  'array',
  'object',
  'null',
]

function plainMember(name: string, value: unknown): unknown {
  if (name === 'type' && typeof value === 'string' && value === value.toUpperCase()) {
    return value.toLowerCase()
  }
  if (name === 'type' && typeof value === 'number') return typeByNumber[value] ?? 'string'
  if (values.has(name)) return value
  if (!ofSchemas.has(name)) return plainSchema(value)
  const named = Object.entries(object(value) ?? {})
  return Object.fromEntries(named.map(([key, one]) => [key, plainSchema(one)]))
}

/** A schema with only what `narrow` keeps of each level. */
export function narrowedSchema(
  schema: unknown,
  narrow: (level: JsonObject) => JsonObject,
): unknown {
  const members = object(schema)
  if (members === undefined) return schema
  const narrowed: Record<string, unknown> = { ...narrow(members) }
  for (const name of ['properties', '$defs', 'definitions']) {
    const named = object(narrowed[name])
    if (named === undefined) continue
    const inner = Object.entries(named).map(([key, one]) => [key, narrowedSchema(one, narrow)])
    narrowed[name] = Object.fromEntries(inner) as JsonObject
  }
  for (const name of ['items', 'additionalProperties', 'not']) {
    if (name in narrowed) narrowed[name] = narrowedSchema(narrowed[name], narrow)
  }
  for (const name of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
    if (Array.isArray(narrowed[name])) {
      narrowed[name] = list(narrowed[name]).map((one) => narrowedSchema(one, narrow))
    }
  }
  return narrowed
}

/** True for schemas that OpenAI can be strict about: objects whose members are all required, and no others allowed. */
export function canBeStrict(schema: unknown): boolean {
  let can = true
  narrowedSchema(schema, (level) => {
    const properties = object(level['properties'])
    if (level['type'] === 'object' || properties !== undefined) {
      const required = new Set(list(level['required']))
      const all = Object.keys(properties ?? {}).every((name) => required.has(name))
      if (!all || level['additionalProperties'] !== false) can = false
    }
    return level
  })
  return can
}
