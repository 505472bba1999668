import type { RedactionMode, RedactionOptions, SecurityOptions } from '@holdfast/policies/security'
import type { Recognizer } from '@holdfast/policies/security'
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

const redaction: z.ZodType<RedactionOptions> = z.strictObject({
  kinds: z.record(text, mode).exactOptional(),
  secrets: z
    .strictObject({
      values: z.array(z.string().min(6)).exactOptional(),
      allow: z.array(z.instanceof(RegExp)).exactOptional(),
    })
    .exactOptional(),
  personalData: z
    .strictObject({
      phoneCountries: z.array(z.string().length(2)).exactOptional(),
      recognizers: z.array(recognizer).exactOptional(),
    })
    .exactOptional(),
  key: z.union([z.string().min(16), z.instanceof(Uint8Array)]).exactOptional(),
  maxSessions: z.int().min(1).exactOptional(),
})

/** What the option `security` may say. */
export const security: z.ZodType<SecurityOptions> = z.strictObject({
  redaction: orFalse(redaction).exactOptional(),
})
