import type { z } from 'zod'
import { optionsSchema } from './options-schema.ts'

/** One thing that is wrong with some options. */
export interface OptionProblem {
  /** Where it stands, from the outermost option inwards. */
  readonly place: readonly (string | number)[]
  /** Names the option, what came and what is allowed. */
  readonly text: string
}

/** What is wrong with the options; empty where nothing is. */
export function checkOptions(value: unknown): readonly OptionProblem[] {
  const parsed = optionsSchema.safeParse(value)
  if (parsed.success) return []
  return parsed.error.issues.flatMap((issue) => describe(issue, [], value))
}

type Issue = z.core.$ZodIssue
type Place = readonly (string | number)[]

function describe(issue: Issue, before: Place, root: unknown): OptionProblem[] {
  const place = [
    ...before,
    ...issue.path.map((step) => (typeof step === 'number' ? step : String(step))),
  ]
  const value = valueAt(root, place)
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = keysAt(place)
      return issue.keys.map((key) => ({
        place: [...place, key],
        text: `${named([...place, key])} is no option; allowed ${place.length === 0 ? 'are' : 'there are'} ${allowed.join(', ')}`,
      }))
    }
    case 'invalid_union': {
      // Of the alternatives, the one whose outer shape fits what came says best what is wrong.
      const fitting = issue.errors.filter((errors) => errors.some(({ path }) => path.length > 0))
      const inner = fitting.length === 1 ? fitting[0] : objectBranch(issue, value)
      if (inner !== undefined) return inner.flatMap((one) => describe(one, place, root))
      return [wrong(place, value, alternatives(issue))]
    }
    case 'invalid_type':
      return [wrong(place, value, words(issue.expected))]
    case 'invalid_value':
      return [wrong(place, value, issue.values.map((one) => JSON.stringify(one)).join(' or '))]
    case 'too_small':
      return [
        wrong(
          place,
          value,
          `${words(issue.origin)} ${issue.inclusive ? 'of at least' : 'above'} ${issue.minimum}`,
        ),
      ]
    case 'too_big':
      return [
        wrong(
          place,
          value,
          `${words(issue.origin)} ${issue.inclusive ? 'of at most' : 'below'} ${issue.maximum}`,
        ),
      ]
    case 'invalid_format':
      return [wrong(place, value, issue.format === 'url' ? 'an absolute URL' : issue.format)]
    default:
      return [wrong(place, value, issue.message)]
  }
}

function wrong(place: Place, value: unknown, allowed: string): OptionProblem {
  const came = value === undefined ? 'is missing' : `came as ${shown(place, value)}`
  return { place, text: `${named(place)} ${came}; allowed is ${allowed}` }
}

function objectBranch(
  issue: Issue & { code: 'invalid_union' },
  value: unknown,
): Issue[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return issue.errors.find((errors) => errors.some(({ code }) => code === 'unrecognized_keys'))
}

function alternatives(issue: Issue & { code: 'invalid_union' }): string {
  const all = issue.errors.flat().map((one) => {
    if (one.code === 'invalid_value')
      return one.values.map((value) => JSON.stringify(value)).join(' or ')
    return one.code === 'invalid_type' ? words(one.expected) : one.message
  })
  return [...new Set(all)].join(' or ')
}

/** `reliability.fallback.to[0].baseUrl` */
function named(place: Place): string {
  if (place.length === 0) return 'the options'
  return place
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('')
}

/** The value as it came, short, and never where it may be a secret. */
function shown(place: Place, value: unknown): string {
  const type = Array.isArray(value) ? 'array' : typeof value
  if (place.some((step) => /key|token|secret|password/i.test(String(step))))
    return `(${type}, not shown)`
  if (typeof value === 'function') return 'a function'
  const text = withoutPassword(JSON.stringify(value) ?? String(value))
  return `${text.length > 60 ? `${text.slice(0, 57)}...` : text} (${type})`
}

/** An address may hold one: `redis://user:password@host`. */
function withoutPassword(text: string): string {
  return text.replaceAll(/\/\/[^\s/@"]*@/g, '//…@')
}

function words(type: string): string {
  const article = /^[aeiou]/.test(type) ? 'an' : 'a'
  return type === 'undefined' || type === 'null'
    ? type
    : `${article} ${type === 'int' ? 'whole number' : type}`
}

function valueAt(root: unknown, place: Place): unknown {
  let value = root
  for (const step of place) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

/** The options that exist at a place, read from the schema itself. */
function keysAt(place: Place): readonly string[] {
  let at: Schema | undefined = optionsSchema as unknown as Schema
  for (const step of place) at = typeof step === 'number' ? element(at) : shape(at)?.[step]
  return Object.keys(shape(at) ?? {})
}

interface Schema {
  readonly def: {
    readonly innerType?: Schema
    readonly options?: readonly Schema[]
    readonly shape?: Record<string, Schema>
    readonly element?: Schema
  }
}

function shape(schema: Schema | undefined): Record<string, Schema> | undefined {
  return find(schema, ({ def }) => def.shape !== undefined)?.def.shape
}

function element(schema: Schema | undefined): Schema | undefined {
  return find(schema, ({ def }) => def.element !== undefined)?.def.element
}

function find(schema: Schema | undefined, wanted: (schema: Schema) => boolean): Schema | undefined {
  if (schema === undefined || wanted(schema)) return schema
  if (schema.def.innerType !== undefined) return find(schema.def.innerType, wanted)
  for (const option of schema.def.options ?? []) {
    const found = find(option, wanted)
    if (found !== undefined) return found
  }
  return undefined
}
