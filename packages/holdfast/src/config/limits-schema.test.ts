import { expect, test } from 'vitest'
import { checkOptions } from './check-options.ts'

const text = (options: unknown) => checkOptions(options).map((problem) => problem.text)

test('limits and stores as the docs show them are fine', () => {
  expect(
    checkOptions({
      store: {
        redis: ['rediss://user:password@one:6379', 'redis://two'],
        cluster: true,
        prefix: 'mine',
      },
      reliability: {
        rateLimit: { requestsPerMinute: 600, tokensPerMinute: 2e6, burst: 10, per: 'account' },
        concurrency: { max: 20, leaseMs: 10_000 },
        budget: {
          maxUsd: 5,
          periodMs: 86_400_000,
          prices: { 'gpt-5': { inputUsdPerMillion: 1, outputUsdPerMillion: 10 } },
        },
        onLimit: 'refuse',
      },
    }),
  ).toEqual([])
  expect(checkOptions({ store: 'sqlite:./limits.db' })).toEqual([])
})

test('dollars need prices', () => {
  const [problem, ...others] = text({ reliability: { budget: { maxUsd: 5 } } })
  expect(problem).toContain('reliability.budget.prices')
  expect(others).toEqual([])
})

test('a password in an address is not shown', () => {
  const [problem] = text({ store: 'http://user:secret@host' })
  expect(problem).toBe(
    'store came as "http://…@host" (string); allowed is redis://…, rediss://… or sqlite:<path> or an object',
  )
})
