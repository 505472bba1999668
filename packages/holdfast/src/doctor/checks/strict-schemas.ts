import type { Check } from '../finding.ts'
import { named } from '../finding.ts'

/** Tools whose schema lets a model write what it likes. */
export const strictSchemas: Check = ({ tools }) => {
  const loose = tools.flatMap(({ name, parameters }) => {
    if (parameters === undefined) return []
    const faults = faultsOf(parameters)
    return faults.length === 0 ? [] : [`${name} (${faults.join(', ')})`]
  })
  if (loose.length === 0) return []
  return [
    {
      severity: 'warning',
      problem: 'the schemas of these tools let models pass what the tools do not expect',
      evidence: named(loose),
      add: `{ "type": "object", "properties": { … }, "required": [ … ], "additionalProperties": false }`,
      to: 'schema',
    },
  ]
}

interface Schema {
  readonly type?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly items?: unknown
}

/** Keywords that say what a value is. */
const sayings = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref', 'format', 'nullable']

function faultsOf(parameters: unknown): string[] {
  if (typeof parameters !== 'object' || parameters === null) return ['no schema']
  const { properties = {}, required = [], additionalProperties } = parameters as Schema
  const names = Object.keys(properties)
  const faults: string[] = []
  if (additionalProperties !== false) faults.push('additionalProperties')
  if (names.length > 0 && required.length === 0) faults.push('nothing is required')
  const any = names.filter((name) => isAny(properties[name]))
  if (any.length > 0) faults.push(`any type: ${any.slice(0, 3).join(' ')}`)
  return faults
}

function isAny(schema: Schema | undefined): boolean {
  if (typeof schema !== 'object') return true
  if (!sayings.some((saying) => saying in schema)) return true
  return schema.type === 'object' && schema.properties === undefined
}
