import { calcPrice, findProvider } from '@pydantic/genai-prices'
import { expect, test } from 'vitest'
import { Prices } from './prices.ts'

const usages = [
  { inputTokens: 1000, outputTokens: 200 },
  { inputTokens: 1000, outputTokens: 200, cachedInputTokens: 400 },
  { inputTokens: 1000, outputTokens: 200, cachedInputTokens: 400, cacheWriteTokens: 500 },
  { inputTokens: 900_000, outputTokens: 60_000, cachedInputTokens: 1000 },
  { outputTokens: 5 },
]

const catalogueModels = ['openai', 'anthropic', 'google', 'mistral', 'deepseek', 'groq'].flatMap(
  (provider) =>
    (findProvider({ providerId: provider })?.models ?? []).map(({ id }) => ({ provider, id })),
)

test("every model of the big providers costs what the catalogue's own calculation says", async () => {
  const prices = new Prices({ warn: () => {} })
  await prices.ready()

  let compared = 0
  for (const { provider, id } of catalogueModels) {
    for (const usage of usages) {
      const counts = {
        input_tokens: usage.inputTokens ?? 0,
        output_tokens: usage.outputTokens,
        cache_read_tokens: usage.cachedInputTokens ?? 0,
        cache_write_tokens: usage.cacheWriteTokens ?? 0,
      }
      const expected = calcPrice(counts, id, { providerId: provider })?.total_price
      const cost = prices.cost({ provider, host: 'example.com', models: [id] }, usage)
      expect([provider, id, usage, cost]).toEqual([
        provider,
        id,
        usage,
        expected === undefined ? undefined : expect.closeTo(expected, 9),
      ])
      compared++
    }
  }
  expect(compared).toBeGreaterThan(500)
})

test('a price of your own comes first, by model or by provider and model', async () => {
  const prices = new Prices({
    own: {
      'gpt-4o-mini': { inputUsdPerMillion: 1, outputUsdPerMillion: 2 },
      'azure.ai.openai/gpt-4o-mini': {
        inputUsdPerMillion: 3,
        outputUsdPerMillion: 4,
        cachedInputUsdPerMillion: 0.5,
      },
    },
    warn: () => {},
  })
  await prices.ready()
  const usage = { inputTokens: 1e6, outputTokens: 1e6, cachedInputTokens: 5e5 }
  const billed = { host: 'example.com', models: ['gpt-4o-mini'] }

  expect(prices.cost({ provider: 'openai', ...billed }, usage)).toBeCloseTo(3, 9)
  expect(prices.cost({ provider: 'azure.ai.openai', ...billed }, usage)).toBeCloseTo(5.75, 9)
})

test('a deployment name that no catalogue knows falls back to the model that was asked for', async () => {
  const prices = new Prices({ warn: () => {} })
  await prices.ready()

  const models = ['our-own-deployment', 'gpt-4o-mini']
  const cost = prices.cost({ provider: 'openai', host: 'x', models }, { inputTokens: 1e6 })

  expect(cost).toBeCloseTo(0.15, 9)
})

test('a provider nobody knows is found by its host', async () => {
  const prices = new Prices({ warn: () => {} })
  await prices.ready()

  const models = ['gpt-4o-mini']
  const host = 'api.openai.com'
  expect(prices.cost({ provider: host, host, models }, { inputTokens: 1e6 })).toBeCloseTo(0.15, 9)
})

test('counts that contradict each other have a price of what is certain, and nothing throws', async () => {
  const prices = new Prices({ warn: () => {} })
  await prices.ready()

  const usage = { inputTokens: 10, outputTokens: 0, cachedInputTokens: 1000 }
  const cost = prices.cost({ provider: 'openai', host: 'x', models: ['gpt-4o-mini'] }, usage)

  expect(cost).toBeGreaterThan(0)
})
