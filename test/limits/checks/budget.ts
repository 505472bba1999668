import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { finding } from '../check.ts'
import type { Check } from '../check.ts'
import { startProvider, tokensPerAnswer } from '../provider.ts'
import { startWorkers } from '../workers.ts'

/** Budgets that all processes spend at once, to the end: never above, and next to nothing left. */
export const checkBudget: Check = async (redis, { processes, loops, budgetRounds, lullMs }) => {
  await using workers = await startWorkers(processes)
  const reserve = 100
  // As many as could be reserved at once, and half again: the hardest place is the end, and it comes soon.
  const small = Array.from({ length: budgetRounds }, (_, index) => ({
    key: `round-${index}`,
    limit: processes * loops * reserve * 1.5,
    reserve,
  }))
  const large = { key: 'large', limit: processes * loops * reserve * 20, reserve }
  const rounds = [...small, large]
  const reports = await workers.budget({
    type: 'budget',
    url: redis.url,
    prefix: randomUUID(),
    rounds,
    loops,
  })
  const spent = rounds.map((_, index) =>
    reports.reduce((sum, report) => sum + (report.spent[index] ?? 0), 0),
  )
  const over = rounds.map(({ limit }, index) => Math.max(0, (spent[index] ?? 0) - limit))
  const total = over.reduce((sum, one) => sum + one, 0)
  const used = (spent.at(-1) ?? 0) / large.limit
  return [
    finding(`overspend in ${rounds.length} budgets`, `${total}`, total === 0),
    finding('used before denial', `${(used * 100).toFixed(2)} %`, used >= 0.98),
    await endToEnd(),
  ]

  /** The same with real calls: what the provider was asked for stays below the budget. */
  async function endToEnd() {
    await using provider = await startProvider()
    const maxTokens = processes * loops * 400
    const under = workers.calls({
      type: 'calls',
      providerUrl: provider.url,
      loops,
      thinkMs: 10,
      options: {
        store: { redis: redis.url, prefix: randomUUID() },
        // What a very busy machine admits too late comes back soon.
        reliability: { budget: { maxTokens, leaseMs: 2_000 } },
      },
    })
    // Until nobody gets anything any more.
    for (let before = -1; before !== provider.arrivals.length || before === 0;) {
      before = provider.arrivals.length
      await sleep(lullMs * 1.5)
    }
    const done = await under.stop()
    const took = provider.arrivals.length * tokensPerAnswer
    const denied = done.reduce((sum, { refusals }) => sum + (refusals['BUDGET_SPENT'] ?? 0), 0)
    const others = done.flatMap(({ refusals }) =>
      Object.keys(refusals).filter((code) => !['BUDGET_SPENT', 'STORE_UNREACHABLE'].includes(code)),
    )
    return finding(
      `a budget of ${maxTokens} tokens, by ${provider.arrivals.length} real calls`,
      `${took} taken, ${denied} calls denied${others.length > 0 ? `, also ${others.join(', ')}` : ''}`,
      took <= maxTokens && took >= maxTokens - 300 * 2 && denied > 0 && others.length === 0,
    )
  }
}
