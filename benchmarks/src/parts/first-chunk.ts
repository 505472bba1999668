import { printTable } from '../bench.ts'
import type { Part } from '../bench.ts'
import { interleave } from '../interleave.ts'
import { firstChunk, settings, variant } from '../settings.ts'

/** A stream that is left at its first chunk. */
export const run: Part = async ({ origin, rounds, check }) => {
  const measured = (from: string) =>
    interleave(
      settings.map((setting) => variant(setting, from, firstChunk)),
      { rounds: rounds(60), calls: 20 },
    )
  // The rest is still on its way: the next call takes a new connection, with Holdfast and without.
  const apart = await measured(`${origin}/apart`)
  printTable('time to first chunk, and the stream is left', apart)
  check({ what: 'first chunk, p50', value: apart[3]?.addedUs.value ?? NaN, most: 50, unit: 'us' })
  printTable('the same where all chunks come at once', await measured(origin))
}
