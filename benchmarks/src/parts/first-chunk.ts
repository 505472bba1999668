import { printTable } from '../bench.ts'
import type { Part } from '../bench.ts'
import { interleave } from '../interleave.ts'
import { firstChunk, settings, variant } from '../settings.ts'

/** A stream that is left at its first chunk. */
export const run: Part = async ({ origin, rounds }) => {
  const variants = settings.map((setting) => variant(setting, origin, firstChunk))
  printTable('time to first chunk', await interleave(variants, { rounds: rounds(60), calls: 20 }))
}
