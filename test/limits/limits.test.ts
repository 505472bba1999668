import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisAvailable, startRedis } from '../redis/redis-server.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import { shortScale } from './check.ts'
import type { Check } from './check.ts'
import { checkAway } from './checks/away.ts'
import { checkBudget } from './checks/budget.ts'
import { checkCircuit } from './checks/circuit.ts'
import { checkKilled } from './checks/killed.ts'
import { checkRate } from './checks/rate.ts'
import { checkTree } from './checks/tree.ts'

/** The short form of `pnpm limits`. */
describe.runIf(redisAvailable())('processes that share a Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  const holds = (name: string, check: Check) =>
    test(name, { timeout: 120_000 }, async () => {
      const findings = await check(redis, shortScale)
      expect(findings.filter((finding) => !finding.holds)).toEqual([])
      expect(findings.length).toBeGreaterThan(0)
    })

  holds('never spend more than a budget together, and next to all of it', checkBudget)
  holds('send exactly what a rate and its burst allow', checkRate)
  holds('all leave a dead provider alone, and try it one at a time', checkCircuit)
  holds('get back what killed processes held, once', checkKilled)
  holds('never spend more in a run tree than its cap, killed or not', checkTree)
  holds('go on without Redis, or refuse, and heal', checkAway)
})
