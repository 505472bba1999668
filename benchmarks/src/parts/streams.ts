import { printTable, signed } from '../bench.ts'
import type { Part } from '../bench.ts'
import { interleave } from '../interleave.ts'
import { streamChunks } from '../provider.ts'
import { settings, streamed, variant } from '../settings.ts'

/** A stream that is read to its end. */
export const run: Part = async ({ origin, rounds, check }) => {
  const perStream = await interleave(
    settings.map((setting) => variant(setting, origin, streamed)),
    { rounds: rounds(60), calls: 8, warmUpCalls: 4 },
  )
  printTable(`one stream of ${streamChunks} chunks`, perStream)
  console.log('per chunk:')
  for (const row of perStream.slice(1)) {
    console.log(`  ${row.name.padEnd(24)} ${signed(row.addedUs.value / streamChunks, 2)} us`)
  }
  const value = (perStream[4]?.addedUs.value ?? NaN) / streamChunks
  check({ what: 'a streamed chunk', value, most: 2, unit: 'us' })
}
