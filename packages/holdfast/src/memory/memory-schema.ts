import type { MemoryStore } from '@holdfast/core/memory'
import type {
  Embedder,
  Extract,
  InjectOptions,
  MemoryToolsOptions,
  RecallDefaults,
  SessionTurnsOptions,
} from '@holdfast/policies/memory'
import { z } from 'zod'
import type {
  EmbedderSettings,
  EmbedFunction,
  ExtractorSettings,
  MemorySettings,
} from './memory-settings.ts'

const text = z.string().min(1)
const count = z.int().min(1)
const share = z.number().min(0).max(1)
const duration = z.number().positive()
const url = z.url({ protocol: /^https?$/ })
const aFunction = <F>(): z.ZodType<F> =>
  z.custom<F>((value) => typeof value === 'function', { error: 'a function' })

const endpoint = {
  model: text,
  baseUrl: url.exactOptional(),
  apiKey: text.exactOptional(),
  apiKeyEnv: text.exactOptional(),
}

const embedderSettings: z.ZodType<EmbedderSettings> = z.strictObject({
  ...endpoint,
  dimensions: count.exactOptional(),
})

const extractorSettings: z.ZodType<ExtractorSettings> = z.strictObject({
  ...endpoint,
  maxOutputTokens: count.exactOptional(),
})

const recall: z.ZodType<RecallDefaults> = z.strictObject({
  maxItems: count.exactOptional(),
  recencyWeight: share.exactOptional(),
  relevanceWeight: share.exactOptional(),
  vectorWeight: share.exactOptional(),
  halfLifeMs: duration.exactOptional(),
  diversity: share.exactOptional(),
  minCoverage: share.exactOptional(),
})

const inject: z.ZodType<InjectOptions> = z.strictObject({
  maxItems: count.exactOptional(),
  maxTokens: count.exactOptional(),
  namespaces: z.array(text).exactOptional(),
  timeoutMs: duration.exactOptional(),
})

const sessionTurns: z.ZodType<SessionTurnsOptions> = z.strictObject({
  maxTurns: count.exactOptional(),
})

const tools: z.ZodType<MemoryToolsOptions> = z.strictObject({
  search: z.boolean().exactOptional(),
  save: z.boolean().exactOptional(),
  maxRounds: count.exactOptional(),
})

/** What the option `memory` may say. */
export const memory: z.ZodType<MemorySettings> = z.strictObject({
  store: z
    .union([
      text,
      z.custom<MemoryStore>(
        (value) => typeof value === 'object' && value !== null && 'changes' in value,
        { error: 'a memory store' },
      ),
    ])
    .exactOptional(),
  encryption: z
    .strictObject({
      key: z.union([text, z.instanceof(Uint8Array), aFunction<() => string>()]),
      oldKeys: z.array(z.union([text, z.instanceof(Uint8Array)])).exactOptional(),
    })
    .exactOptional(),
  embedder: z
    .union([
      aFunction<EmbedFunction>(),
      z.custom<Embedder>(
        (value) => typeof value === 'object' && value !== null && 'embed' in value,
        { error: 'an embedder: an object with model and embed' },
      ),
      embedderSettings,
    ])
    .exactOptional(),
  namespaces: z
    .record(
      text,
      z.strictObject({
        read: z.array(text).exactOptional(),
        write: z.array(text).exactOptional(),
      }),
    )
    .exactOptional(),
  recall: recall.exactOptional(),
  extract: z.union([aFunction<Extract>(), extractorSettings]).exactOptional(),
  extraction: z
    .strictObject({
      maxCallsPerHour: count.exactOptional(),
      maxCharacters: count.exactOptional(),
      timeoutMs: duration.exactOptional(),
    })
    .exactOptional(),
  keepSessionsMs: duration.exactOptional(),
  searchInStoreFrom: count.exactOptional(),
  inject: z.union([z.boolean(), inject]).exactOptional(),
  learn: z.boolean().exactOptional(),
  sessionTurns: z.union([z.boolean(), sessionTurns]).exactOptional(),
  tools: z.union([z.boolean(), tools]).exactOptional(),
})
