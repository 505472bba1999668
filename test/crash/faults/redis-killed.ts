import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startRedis } from '../../redis/redis-server.ts'
import { failuresOf, lossesOf, runOn, untilDone, usualCell } from './scenario.ts'
import type { Scenario } from './scenario.ts'

const times = 4
const downMs = 700

/** The store dies under the agent, and comes back with all that it has acknowledged. */
export const redisKilled: Scenario = {
  name: 'Redis killed and started again',
  promise: 'no tool runs unrecorded; the run goes on once Redis is back, with nothing done twice',
  async play(stage) {
    const findings: string[] = []
    for (let time = 0; time < times; time++) {
      const keepIn = join(stage.folder, `redis-${time}`)
      mkdirSync(keepIn)
      let redis = await startRedis({ keepIn })
      const { port, url } = redis
      const name = `redis-killed-${time}`
      const run = runOn(stage, name, url, { ...usualCell, store: 'redis' })
      let away: Promise<void> | undefined
      await run.live(
        {},
        {
          onReady: () => {
            away = goAway()
          },
        },
      )
      await away
      const lives = await untilDone(run)
      if (lives === 0) findings.push(`${name}: never done`)
      // What the model said while there was no store is asked again: records are open, effects are not.
      const outage = { lostSteps: 1, excessRequests: 1 }
      findings.push(...lossesOf(name, run.end(), outage))
      for (const code of failuresOf(run)) {
        if (!expected.includes(code)) findings.push(`${name}: ended with ${code}`)
      }
      await redis.stop()

      async function goAway(): Promise<void> {
        await setTimeout(50 + stage.random() * 250)
        await redis.stop()
        await setTimeout(downMs)
        redis = await startRedis({ port, keepIn })
      }
    }
    return { times, findings }
  },
}

/** What a run may say of a store that is away. */
const expected = ['JOURNAL_UNUSABLE', 'STORE_UNREACHABLE']
