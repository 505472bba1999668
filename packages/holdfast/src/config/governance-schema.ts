import type {
  CapOptions,
  ConfidenceOptions,
  GovernanceOptions,
  LoopOptions,
  ValidationOptions,
} from '@holdfast/policies/governance'
import { z } from 'zod'
import { tokenPrice } from './limits-schema.ts'

const text = z.string().min(1)
const count = z.int().min(1)
const above = z.number().positive()
const aFunction = <F>(): z.ZodType<F> =>
  z.custom<F>((value) => typeof value === 'function', { error: 'a function' })
const share = z.number().min(0).max(1)

const cap: z.ZodType<CapOptions> = z
  .strictObject({
    per: z.enum(['run', 'session', 'user', 'tenant', 'agent', 'all']).exactOptional(),
    agent: text.exactOptional(),
    periodMs: above.exactOptional(),
    maxIterations: count.exactOptional(),
    maxCalls: count.exactOptional(),
    maxToolCalls: count.exactOptional(),
    maxInputTokens: count.exactOptional(),
    maxOutputTokens: count.exactOptional(),
    maxTokens: count.exactOptional(),
    maxUsd: above.exactOptional(),
    maxWallMs: above.exactOptional(),
    softAt: z.union([z.literal(false), share]).exactOptional(),
    softNote: text.exactOptional(),
    degradeTo: text.exactOptional(),
    degradeAt: share.exactOptional(),
    ask: z.boolean().exactOptional(),
    raiseBy: above.exactOptional(),
  })
  .refine(({ maxIterations, per = 'run' }) => maxIterations === undefined || per === 'run', {
    error: "a cap per 'run', as iterations are a run's own",
    path: ['per'],
  })

const loops: z.ZodType<LoopOptions> = z.strictObject({
  mode: z.enum(['observe', 'hint', 'enforce']).exactOptional(),
  repeats: z.int().min(2).exactOptional(),
  pingPongs: z.int().min(2).exactOptional(),
  withoutProgress: z.int().min(2).exactOptional(),
  allowRepeats: z.record(text, count).exactOptional(),
  polling: z.array(text).exactOptional(),
  showContent: z.boolean().exactOptional(),
})

const validation: z.ZodType<ValidationOptions> = z.strictObject({
  validate: z.custom<ValidationOptions['validate']>(
    (value) =>
      typeof value === 'function' ||
      (typeof value === 'object' && value !== null && '~standard' in value),
    { error: 'a Standard Schema, such as one of zod, or a function' },
  ),
  when: aFunction<NonNullable<ValidationOptions['when']>>().exactOptional(),
  tool: text.exactOptional(),
  maxRetries: z.int().min(0).exactOptional(),
  fallbackTo: text.exactOptional(),
})

const confidence: z.ZodType<ConfidenceOptions> = z.strictObject({
  score: z.union([
    z.literal('logprobs'),
    z.strictObject({ field: text }),
    aFunction<Extract<ConfidenceOptions['score'], (...given: never[]) => unknown>>(),
  ]),
  reviewBelow: share.exactOptional(),
  escalateBelow: share.exactOptional(),
  onReview: aFunction<NonNullable<ConfidenceOptions['onReview']>>().exactOptional(),
  ask: z.boolean().exactOptional(),
  when: aFunction<NonNullable<ConfidenceOptions['when']>>().exactOptional(),
})

export const governance: z.ZodType<GovernanceOptions> = z.strictObject({
  caps: z.union([cap, z.array(cap)]).exactOptional(),
  loops: z.union([z.literal(false), loops]).exactOptional(),
  validation: z.union([z.literal(false), validation, z.array(validation)]).exactOptional(),
  confidence: z.union([z.literal(false), confidence]).exactOptional(),
  onEscalate: aFunction<NonNullable<GovernanceOptions['onEscalate']>>().exactOptional(),
  prices: z.record(text, tokenPrice).exactOptional(),
  assumedOutputTokens: count.exactOptional(),
  reservedMs: z.number().min(1_000).exactOptional(),
  onStoreFailure: z.enum(['open', 'closed']).exactOptional(),
})
