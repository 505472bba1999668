import type {
  AccessList,
  InjectionResponse,
  InjectionSettings,
  OperationRate,
  OutputOptions,
  PermissionOptions,
  PersonalDataOptions,
  Recognizer,
  RedactionMode,
  RedactionOptions,
  SecurityOptions,
} from '@holdfast/policies/security'
import { z } from 'zod'

const text = z.string().min(1)
const orFalse = <Schema extends z.ZodType>(schema: Schema) => z.union([z.literal(false), schema])

const mode: z.ZodType<RedactionMode> = z.enum(['reversible', 'irreversible', 'block', 'off'])

const recognizer: z.ZodType<Recognizer> = z.strictObject({
  kind: text,
  risk: z.enum(['high', 'medium', 'low']),
  pattern: z.instanceof(RegExp),
  check: z
    .custom<NonNullable<Recognizer['check']>>((value) => typeof value === 'function', {
      error: 'a function',
    })
    .exactOptional(),
  context: z.instanceof(RegExp).exactOptional(),
})

const risk = z.enum(['high', 'medium', 'low'])
const phoneCountries = z.array(z.string().length(2)).exactOptional()
const recognizers = z.array(recognizer).exactOptional()

const redaction: z.ZodType<RedactionOptions> = z.strictObject({
  kinds: z.record(text, mode).exactOptional(),
  secrets: z
    .strictObject({
      values: z.array(z.string().min(6)).exactOptional(),
      allow: z.array(z.instanceof(RegExp)).exactOptional(),
    })
    .exactOptional(),
  personalData: z.strictObject({ phoneCountries, recognizers }).exactOptional(),
  key: z.union([z.string().min(16), z.instanceof(Uint8Array)]).exactOptional(),
  maxSessions: z.int().min(1).exactOptional(),
})

const response: z.ZodType<InjectionResponse> = z.enum([
  'off',
  'observe',
  'mark',
  'withhold',
  'refuse',
  'ask',
])

const injection: z.ZodType<InjectionSettings> = z.strictObject({
  toolResults: response.exactOptional(),
  userText: response.exactOptional(),
  markAt: z.number().positive().exactOptional(),
  withholdAt: z.number().positive().exactOptional(),
})

const personalData: z.ZodType<PersonalDataOptions> = z.strictObject({
  risk: risk.exactOptional(),
  kinds: z.array(text).exactOptional(),
  exceptKinds: z.array(text).exactOptional(),
  phoneCountries,
  recognizers,
})

const output: z.ZodType<OutputOptions> = z.strictObject({
  action: z.enum(['observe', 'redact', 'refuse']).exactOptional(),
  secrets: z.boolean().exactOptional(),
  personalData: orFalse(personalData).exactOptional(),
  patterns: z
    .array(
      z.strictObject({
        name: text,
        pattern: z.instanceof(RegExp),
        maxLength: z.int().min(0).max(10_000).exactOptional(),
      }),
    )
    .exactOptional(),
})

const globs = z.union([text, z.array(text)])
const access: z.ZodType<AccessList> = z.strictObject({
  allow: z.array(text).exactOptional(),
  deny: z.array(text).exactOptional(),
})

const permissions: z.ZodType<PermissionOptions> = z.strictObject({
  environment: text.exactOptional(),
  keys: z
    .record(
      text,
      z.array(z.union([z.string().regex(/^sha256:[\da-f]{12,64}$/i), z.string().min(3)])),
    )
    .exactOptional(),
  rules: z
    .array(
      z.strictObject({
        name: text,
        agent: globs.exactOptional(),
        user: globs.exactOptional(),
        tenant: globs.exactOptional(),
        environment: globs.exactOptional(),
        tools: access.exactOptional(),
        models: access.exactOptional(),
        hosts: access.exactOptional(),
      }),
    )
    .exactOptional(),
})

const rate: z.ZodType<OperationRate> = z
  .strictObject({
    name: text,
    per: z.enum(['user', 'tenant', 'agent', 'session', 'everybody']).exactOptional(),
    models: globs.exactOptional(),
    tools: globs.exactOptional(),
    limit: z.number().positive(),
    periodMs: z.number().positive(),
    burst: z.number().min(1).exactOptional(),
    onStoreFailure: z.enum(['closed', 'open']).exactOptional(),
  })
  .superRefine(({ models, tools }, context) => {
    if (models !== undefined || tools !== undefined) return
    context.addIssue({
      code: 'custom',
      path: ['models'],
      message: 'models or tools that the rate is about',
    })
  })

/** What the option `security` may say. */
export const security: z.ZodType<SecurityOptions> = z.strictObject({
  redaction: orFalse(redaction).exactOptional(),
  injection: orFalse(injection).exactOptional(),
  output: orFalse(output).exactOptional(),
  permissions: permissions.exactOptional(),
  rates: z.array(rate).exactOptional(),
})
