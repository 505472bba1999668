import { expect, test } from 'vitest'
import { RetryBudget } from './retry-budget.ts'

test('a share of the requests of the last ten seconds may be retries, beside the floor', () => {
  const budget = new RetryBudget(0.2, 1)
  for (let request = 0; request < 100; request++) budget.request('openai', 1_000)

  const taken = Array.from({ length: 50 }, () => budget.take('openai', 1_500)).filter(Boolean)

  expect(taken).toHaveLength(30)
})

test('what is older than ten seconds does not count, on either side', () => {
  const budget = new RetryBudget(0, 1)
  for (let retry = 0; retry < 10; retry++) expect(budget.take('openai', 1_000)).toBe(true)

  expect(budget.take('openai', 5_000)).toBe(false)
  expect(budget.take('openai', 11_500)).toBe(true)
})

test('each provider has a budget of its own', () => {
  const budget = new RetryBudget(0, 0.1)

  expect(budget.take('openai', 0)).toBe(true)
  expect(budget.take('openai', 0)).toBe(false)
  expect(budget.take('anthropic', 0)).toBe(true)
})
