import { printTable } from '../bench.ts'
import type { Part } from '../bench.ts'
import { measureLimits } from '../limits.ts'

/** Rates, concurrency and the circuit, in memory and on Redis. */
export const run: Part = async ({ origin, rounds, check }) => {
  const { inMemory, onRedis } = await measureLimits(origin, { rounds: rounds(100) })
  printTable('limits in memory: rates, concurrency, circuit', inMemory)
  const added = inMemory[1]?.addedUs.value ?? NaN
  check({ what: 'limits in memory, p50', value: added, most: 10, unit: 'us' })
  if (onRedis === undefined) {
    console.log('\nlimits on Redis: skipped, no redis-server found (apt-get install redis-server)')
    return
  }
  const { perCall, asked, askedAndTold } = onRedis
  printTable('the same on Redis, on loopback', perCall)
  console.log(
    `  questions to Redis per call: ${asked.toFixed(2)} that it waits for, ${(askedAndTold - asked).toFixed(2)} told afterwards`,
  )
  check({
    what: 'questions to Redis per call',
    value: asked,
    most: 1,
    unit: 'that it waits for',
  })
}
