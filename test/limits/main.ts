// `pnpm limits`: circuits, rates, concurrency and budgets that many processes share on a real Redis.
import { redisAvailable, startRedis } from '../redis/redis-server.ts'
import { shortScale, wholeScale } from './check.ts'
import type { Check } from './check.ts'
import { checkAway } from './checks/away.ts'
import { checkBudget } from './checks/budget.ts'
import { checkCircuit } from './checks/circuit.ts'
import { checkKilled } from './checks/killed.ts'
import { checkRate } from './checks/rate.ts'
import { checkTree } from './checks/tree.ts'

const checks: Record<string, Check> = {
  circuit: checkCircuit,
  killed: checkKilled,
  away: checkAway,
  budget: checkBudget,
  rate: checkRate,
  tree: checkTree,
}

if (process.argv.includes('--help')) {
  console.log(`pnpm limits [--quick] [${Object.keys(checks).join(' | ')}]

Starts a redis-server and ${wholeScale.processes} processes with ${wholeScale.loops} calls at once each, and looks whether their limits hold together.
It takes some five minutes; --quick does the same with ${shortScale.processes} processes and less of everything.`)
  process.exit(0)
}
if (!redisAvailable()) {
  console.log('limits: skipped, there is no redis-server')
  process.exit(0)
}

const scale = process.argv.includes('--quick') ? shortScale : wholeScale
const named = Object.entries(checks).filter(([name]) => process.argv.includes(name))
let looked = 0
const failed: string[] = []
await using redis = await startRedis()
for (const [name, check] of named.length > 0 ? named : Object.entries(checks)) {
  const startedAtMs = performance.now()
  const findings = await check(redis, scale)
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0)
  console.log(`\n${name} (${seconds} s)`)
  for (const { what, figure, holds } of findings) {
    looked++
    if (!holds) failed.push(what)
    console.log(`  ${holds ? 'ok    ' : 'FAILED'} ${what}: ${figure}`)
  }
}
const who = `${scale.processes} processes x ${scale.loops} calls at once`
console.log(
  failed.length === 0
    ? `\nlimits: ${looked} of ${looked} figures hold, ${who}`
    : `\nlimits: ${failed.length} of ${looked} figures do not hold, ${who}: ${failed.join('; ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
