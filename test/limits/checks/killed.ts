import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { redisLimitStore } from '@holdfast/store-redis'
import { finding } from '../check.ts'
import type { Check } from '../check.ts'
import { startProvider, tokensPerAnswer } from '../provider.ts'
import { startWorkers } from '../workers.ts'

/** Half of the processes are killed in the middle of their calls: what they held comes back, once. */
export const checkKilled: Check = async (redis, { processes, loops }) => {
  await using provider = await startProvider()
  await using workers = await startWorkers(processes)
  const max = processes * 5
  const leaseMs = 3_000
  const maxTokens = 10_000_000
  const store = { redis: redis.url, prefix: randomUUID() }
  const under = workers.calls({
    type: 'calls',
    providerUrl: provider.url,
    loops,
    thinkMs: 0,
    options: {
      store,
      reliability: { concurrency: { max, leaseMs }, budget: { maxTokens, leaseMs } },
    },
  })
  await provider.heardOf(processes)
  await sleep(1_000)
  provider.mood = 'holding'
  await until(() => provider.underWay() === max, 10_000)
  await sleep(500)
  const heldBefore = provider.underWay()
  await workers.kill(provider.busiest().slice(0, Math.floor(processes / 2)))
  const killedAtMs = Date.now()
  await until(() => provider.underWay() < heldBefore, leaseMs / 3)
  await sleep(200)
  const heldByLiving = provider.underWay()
  const back = await until(() => provider.underWay() === max, 2 * leaseMs)
  const backMs = Date.now() - killedAtMs
  // Longer than the lease: the places of the living are theirs all the time.
  await sleep(leaseMs * 1.5)
  const held = provider.underWay()
  provider.mood = { delayMs: 0 }
  const stopping = under.stop()
  provider.release()
  await stopping

  const spent = provider.arrivals.filter(({ status }) => status === 200).length * tokensPerAnswer
  const budget = redisLimitStore({ url: redis.url, prefix: store.prefix })
  const room = async (amount: number): Promise<boolean> => {
    const claim = { key: 'tokens:all', limit: maxTokens, amount }
    const id = randomUUID()
    const { admitted } = await budget.admit({ id, leaseMs: 1_000, budgets: [claim] })
    if (admitted) await budget.settle(id, [{ id, budgets: [{ ...claim, used: 0 }] }])
    return admitted
  }
  const all = await room(maxTokens - spent)
  const more = await room(maxTokens - spent + 1)
  await budget.close()
  return [
    finding(
      `places of killed processes, of ${max}, with a lease of ${leaseMs / 1000} s`,
      back
        ? `${heldBefore - heldByLiving} back in ${(backMs / 1000).toFixed(1)} s`
        : `${heldByLiving} of ${max} held`,
      heldBefore === max && heldByLiving < max && back,
    ),
    finding(
      'places held by the living after a lease and a half',
      `${held} of ${max}`,
      held === max,
    ),
    finding(
      'budget after that',
      all && !more ? 'what was spent, to the token' : `leaked: ${!all}, refunded twice: ${more}`,
      all && !more,
    ),
  ]
}

/** True when it is so within the time. */
async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs
  while (Date.now() < end) {
    if (condition()) return true
    await sleep(20)
  }
  return condition()
}
