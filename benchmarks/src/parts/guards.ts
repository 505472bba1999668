import { printTable } from '../bench.ts'
import type { Part } from '../bench.ts'
import { measureGate } from '../gate.ts'

/** The tool gate, governance and redaction, each and together. */
export const run: Part = async ({ origin, rounds, check }) => {
  const { plain, withHits, together } = await measureGate(origin, { rounds: rounds(100) })
  printTable('gate, governance and redaction, 4 kB request', plain)
  printTable('the same with personal data in the request', withHits)
  const value = together?.addedUs.value ?? NaN
  check({ what: 'gate, governance, redaction, p50', value, most: 40, unit: 'us' })
}
