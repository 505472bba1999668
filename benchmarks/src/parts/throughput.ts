import { printTable } from '../bench.ts'
import type { Part } from '../bench.ts'
import { interleave } from '../interleave.ts'
import { at64, settings, variant } from '../settings.ts'

/** Many calls at once. */
export const run: Part = async ({ origin, rounds }) => {
  const throughput = await interleave(
    settings.map((setting) => variant(setting, origin, at64)),
    { rounds: rounds(40), calls: 4, warmUpCalls: 2 },
  )
  printTable('64 calls at once (a block of 64)', throughput)
}
