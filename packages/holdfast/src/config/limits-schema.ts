import type {
  BudgetOptions,
  ConcurrencyOptions,
  RateLimitOptions,
  TokenPrice,
} from '@holdfast/policies/reliability'
import { z } from 'zod'
import { storeText } from '../limit-store.ts'
import type { StoreSetting } from '../limit-store.ts'

const text = z.string().min(1)
const count = z.int().min(1)
const above = z.number().positive()
const price = z.number().nonnegative()
const leaseMs = z.number().min(100)
const per = z.enum(['model', 'account', 'user', 'tenant', 'agent', 'all'])
const onStoreFailure = z.enum(['open', 'closed'])

export const rateLimit: z.ZodType<RateLimitOptions> = z.strictObject({
  requestsPerMinute: above.exactOptional(),
  tokensPerMinute: above.exactOptional(),
  burst: count.exactOptional(),
  burstTokens: count.exactOptional(),
  per: per.exactOptional(),
  onStoreFailure: onStoreFailure.exactOptional(),
})

export const concurrency: z.ZodType<ConcurrencyOptions> = z.strictObject({
  max: count,
  per: per.exactOptional(),
  leaseMs: leaseMs.exactOptional(),
  onStoreFailure: onStoreFailure.exactOptional(),
})

export const tokenPrice: z.ZodType<TokenPrice> = z.strictObject({
  inputUsdPerMillion: price,
  outputUsdPerMillion: price,
  cachedInputUsdPerMillion: price.exactOptional(),
  cacheWriteUsdPerMillion: price.exactOptional(),
})

export const budget: z.ZodType<BudgetOptions> = z
  .strictObject({
    maxUsd: above.exactOptional(),
    maxTokens: count.exactOptional(),
    periodMs: above.exactOptional(),
    per: per.exactOptional(),
    prices: z.record(text, tokenPrice).exactOptional(),
    assumedOutputTokens: count.exactOptional(),
    leaseMs: leaseMs.exactOptional(),
    onStoreFailure: onStoreFailure.exactOptional(),
  })
  .refine(({ maxUsd, prices }) => maxUsd === undefined || prices !== undefined, {
    error: 'prices, as maxUsd needs them',
    path: ['prices'],
  })

const redisText = /^rediss?:\/\/.+/
const redisUrls = z.custom<string | readonly string[]>(
  (value) => {
    const urls: unknown[] = Array.isArray(value) ? value : [value]
    return urls.length > 0 && urls.every((url) => typeof url === 'string' && redisText.test(url))
  },
  { error: 'redis://… or rediss://…, or an array of them' },
)

export const store: z.ZodType<StoreSetting> = z.union([
  z.custom<string>((value) => typeof value === 'string' && storeText.test(value), {
    error: 'redis://…, rediss://… or sqlite:<path>',
  }),
  z
    .strictObject({
      sqlite: text.exactOptional(),
      redis: redisUrls.exactOptional(),
      cluster: z.boolean().exactOptional(),
      prefix: text.exactOptional(),
    })
    .refine(({ sqlite, redis }) => (sqlite === undefined) !== (redis === undefined), {
      error: 'either sqlite or redis',
    }),
]) as unknown as z.ZodType<StoreSetting>
