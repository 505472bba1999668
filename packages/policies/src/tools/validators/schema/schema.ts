import { createRequire } from 'node:module'
import { allowed, decide, type Decision } from '../../decision.ts'

/** What any Standard Schema library offers: https://standardschema.dev (2026-11-21). */
export interface StandardSchema {
  readonly '~standard': {
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>
  }
}

interface StandardResult {
  readonly issues?:
    | readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[]
    | undefined
}

/** Decides whether arguments are what their tool asks for. */
export type SchemaInspector = (input: unknown) => Decision | Promise<Decision>

const inspectors = new WeakMap<object, SchemaInspector>()

/**
 * The inspector of a tool's schema: JSON Schema as providers take it, or any Standard Schema (zod, valibot, arktype).
 * Arguments that do not fit are refused with the place and the reason, so that the model can mend them.
 * A schema that cannot be used is asked for.
 */
export function schemaInspector(schema: object): SchemaInspector {
  let inspector = inspectors.get(schema)
  if (inspector === undefined) {
    inspector =
      '~standard' in schema ? byStandardSchema(schema as StandardSchema) : byJsonSchema(schema)
    inspectors.set(schema, inspector)
  }
  return inspector
}

function byStandardSchema(schema: StandardSchema): SchemaInspector {
  const judge = ({ issues }: StandardResult): Decision =>
    issues === undefined || issues.length === 0
      ? allowed
      : mismatch(issues.map(({ message, path }) => `${place(path)}${message}`))
  return (input) => {
    try {
      const result = schema['~standard'].validate(input)
      return result instanceof Promise ? result.then(judge, unusable) : judge(result)
    } catch {
      return unusable()
    }
  }
}

function place(path: readonly unknown[] | undefined): string {
  const keys = (path ?? []).map((step) =>
    String(typeof step === 'object' && step !== null && 'key' in step ? step.key : step),
  )
  return keys.length === 0 ? '' : `${keys.join('.')}: `
}

interface Ajv {
  compile(schema: object): ((input: unknown) => boolean) & {
    errors?:
      | readonly { instancePath: string; message?: string; params?: Record<string, unknown> }[]
      | null
  }
}

let drafts: { readonly old: Ajv; readonly new: Ajv } | undefined

// Loaded with the first schema: nobody else pays for it.
function loadAjv(): { readonly old: Ajv; readonly new: Ajv } {
  if (drafts !== undefined) return drafts
  const require = createRequire(import.meta.url)
  const { RE2JS } = require('re2js') as {
    RE2JS: { compile(pattern: string): { matcher(text: string): { find(): boolean } } }
  }
  // Patterns come from whoever wrote the tool, perhaps another server: they are matched in linear time.
  const linear = Object.assign(
    (pattern: string) => {
      const compiled = RE2JS.compile(pattern)
      return {
        test: (text: string) => compiled.matcher(text).find(),
        source: pattern,
        toString: () => `/${pattern}/`,
      }
    },
    { code: 'undefined' },
  )
  const options = {
    strict: false,
    allErrors: false,
    validateFormats: false,
    logger: false,
    code: { regExp: linear },
  }
  const [oldDraft, newDraft] = ['ajv', 'ajv/dist/2020'].map((name) => {
    const loaded = require(name) as { default: new (options: object) => Ajv }
    return new loaded.default(options)
  }) as [Ajv, Ajv]
  drafts = { old: oldDraft, new: newDraft }
  return drafts
}

function byJsonSchema(schema: object): SchemaInspector {
  let validate: ReturnType<Ajv['compile']> | undefined
  try {
    const { $schema, $id: _id, ...rest } = schema as { $schema?: unknown; $id?: unknown }
    const ajv = loadAjv()
    validate = (
      typeof $schema === 'string' && /draft-0[4-7]/.test($schema) ? ajv.old : ajv.new
    ).compile(rest)
  } catch {
    return unusable
  }
  const compiled = validate
  return (input) => {
    if (compiled(input)) return allowed
    return mismatch(
      (compiled.errors ?? []).map(({ instancePath, message, params }) => {
        const extra = params?.['additionalProperty'] ?? params?.['missingProperty']
        return `${instancePath === '' ? '' : `${instancePath.slice(1).replaceAll('/', '.')}: `}${message ?? 'does not fit'}${typeof extra === 'string' && !(message ?? '').includes(extra) ? ` (${extra})` : ''}`
      }),
    )
  }
}

function mismatch(reasons: readonly string[]): Decision {
  return decide(
    reasons.slice(0, 5).map((reason) => ({
      rule: 'schema.mismatch',
      verdict: 'deny',
      reason: `The arguments do not fit the tool's schema: ${reason}`,
    })),
  )
}

function unusable(): Decision {
  return decide([
    {
      rule: 'schema.unusable',
      verdict: 'ask',
      reason: 'The schema of the tool cannot be used to check its arguments.',
    },
  ])
}
