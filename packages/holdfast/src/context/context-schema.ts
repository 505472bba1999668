import type {
  ContextGateOptions,
  ContextOptions,
  ContextWindow,
  Pin,
  SummaryOptions,
} from '@holdfast/policies/context'
import { z } from 'zod'
import type { ContextSetting } from './open-context.ts'

const share = z.number().gt(0).max(1)
const size = z.int().min(1)
const text = z.string().min(1)

const window: z.ZodType<ContextWindow> = z.strictObject({
  windowTokens: size,
  answerTokens: size.exactOptional(),
  inputTokens: size.exactOptional(),
})

const pin: z.ZodType<Pin> = z.union([
  text,
  z.custom<Exclude<Pin, string>>((value) => typeof value === 'function', { error: 'a function' }),
])

const summary: z.ZodType<SummaryOptions> = z.strictObject({
  model: text.exactOptional(),
  by: z
    .custom<NonNullable<SummaryOptions['by']>>((value) => typeof value === 'function', {
      error: 'a function',
    })
    .exactOptional(),
  maxTokens: size.exactOptional(),
  maxPerConversation: size.exactOptional(),
})

const gate: z.ZodType<ContextGateOptions> = z.strictObject({
  repeatedErrors: z.boolean().exactOptional(),
  failuresInARow: z.union([z.literal(false), size]).exactOptional(),
  injectedAt: z.union([z.literal(false), z.number().positive()]).exactOptional(),
  contradictedAt: z.union([z.literal(false), z.number().positive().max(1)]).exactOptional(),
  score: z
    .custom<NonNullable<ContextGateOptions['score']>>((value) => typeof value === 'function', {
      error: 'a function',
    })
    .exactOptional(),
})

const options: z.ZodType<ContextOptions> = z.strictObject({
  mode: z.enum(['compact', 'observe']).exactOptional(),
  softShare: share.exactOptional(),
  hardShare: share.exactOptional(),
  targetShare: share.exactOptional(),
  windows: z.record(text, window).exactOptional(),
  answerTokens: size.exactOptional(),
  keepNewest: size.exactOptional(),
  pin: pin.exactOptional(),
  summarise: z.union([z.literal(false), summary]).exactOptional(),
  recall: z.boolean().exactOptional(),
  gate: z.union([z.literal(false), gate]).exactOptional(),
  rescue: z.boolean().exactOptional(),
})

/** What the option `context` may say. */
export const context: z.ZodType<ContextSetting> = z.union([
  z.boolean(),
  z.literal('observe'),
  options,
])
