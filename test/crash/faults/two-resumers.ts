import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startRedis } from '../../redis/redis-server.ts'
import type { Cell } from '../cell.ts'
import { failuresOf, lossesOf, runOn, usualCell } from './scenario.ts'
import type { Scenario } from './scenario.ts'

const timesEach = 4

/** A run was killed, and two processes go on with it at the same moment. */
export const twoResumers: Scenario = {
  name: 'two resumers at once',
  promise: 'one of them has the run, the other is told so; the run is done once',
  async play(stage) {
    await using redis = await startRedis()
    const folder = join(stage.folder, 'two-resumers')
    mkdirSync(folder)
    const findings: string[] = []
    const stores: readonly Cell['store'][] = ['sqlite', 'redis']
    for (const store of stores) {
      for (let time = 0; time < timesEach; time++) {
        const name = `two-resumers-${store}-${time}`
        const storeAt = store === 'redis' ? redis.url : join(folder, `${time}.db`)
        const run = runOn(stage, name, storeAt, { ...usualCell, store })
        await run.live({ dieAt: { point: 'effect-after', time: 4 + 7 * time } })
        const both = await Promise.all([run.live(), run.live()])
        const done = both.filter(({ end }) => end === 'done').length
        // Who comes when all is done finds the answer in the journal.
        if (done === 0) findings.push(`${name}: nobody went on`)
        const failures = failuresOf(run)
        if (failures.length !== 2 - done) findings.push(`${name}: ${JSON.stringify(both)}`)
        for (const code of failures) {
          if (code !== 'RUN_HELD') findings.push(`${name}: ended with ${code}`)
        }
        findings.push(...lossesOf(name, run.end()))
      }
    }
    return { times: stores.length * timesEach, findings }
  },
}
