import { printTable } from '../bench.ts'
import type { Part } from '../bench.ts'
import { measureInjection } from '../memory-injection.ts'

/** Memories that are put into requests. */
export const run: Part = async ({ origin, rounds, check }) => {
  const injection = await measureInjection(origin, { rounds: rounds(100) })
  printTable('memories in a 6 kB request, beside the recall alone', injection)
  const value = injection[1]?.addedUs.value ?? NaN
  check({ what: 'injection besides recall, p50', value, most: 100, unit: 'us' })
}
