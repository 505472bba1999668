import type { CapOptions, GovernanceOptions } from '@holdfast/policies/governance'
import { z } from 'zod'
import { tokenPrice } from './limits-schema.ts'

const text = z.string().min(1)
const count = z.int().min(1)
const above = z.number().positive()
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

export const governance: z.ZodType<GovernanceOptions> = z.strictObject({
  caps: z.union([cap, z.array(cap)]).exactOptional(),
  prices: z.record(text, tokenPrice).exactOptional(),
  assumedOutputTokens: count.exactOptional(),
  reservedMs: z.number().min(1_000).exactOptional(),
  onStoreFailure: z.enum(['open', 'closed']).exactOptional(),
})
