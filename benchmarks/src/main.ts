// `pnpm bench`: the openai SDK bare and with Holdfast, in alternating blocks.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Check } from './bench.ts'

const parts = [
  'other-calls',
  'calls',
  'limits',
  'guards',
  'counting',
  'injection',
  'held-back',
  'streams',
  'first-chunk',
  'throughput',
  'journal',
  'recall',
  'heap',
  'start-up',
]

const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = only.find((name) => !parts.includes(name))
if (process.argv.includes('--help') || unknown !== undefined) {
  if (unknown !== undefined) console.error(`bench: there is no part ${unknown}\n`)
  console.log(`pnpm bench [part ...] [--quick]   the openai SDK bare and with Holdfast

Each part has a process and a provider of its own, in which what is compared takes turns in blocks of calls; each figure
is the median of the paired differences with its 95 % bootstrap interval. --quick runs a quarter of the rounds, for a
first look.

Parts: ${parts.join(', ')}`)
  process.exit(unknown === undefined ? 0 : 2)
}

console.log(
  `Node ${process.version}, openai SDK, 1 kB prompt, 1 kB answer, a provider without latency of its own`,
)
const quick = process.argv.includes('--quick') ? ['--quick'] : []
const checks: Check[] = []
for (const part of only.length > 0 ? only : parts) {
  const child = fork(join(import.meta.dirname, 'part.ts'), [part, ...quick], {
    execArgv: ['--no-warnings', '--expose-gc'],
  })
  child.on('message', (check: Check) => checks.push(check))
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) checks.push({ what: `${part} ends well`, value: NaN, most: 0, unit: '' })
}

console.log('')
for (const { what, value, most, unit } of checks) {
  console.log(
    `${value <= most ? 'ok    ' : 'FAILED'} ${what.padEnd(28)} ${value.toFixed(2).padStart(8)} ${unit} (at most ${most})`,
  )
}
const failed = checks.filter(({ value, most }) => !(value <= most))
console.log(
  failed.length === 0
    ? `bench: ${checks.length} of ${checks.length} figures hold`
    : `bench: ${failed.length} of ${checks.length} figures do not hold: ${failed.map(({ what }) => what).join(', ')}`,
)
process.exit(failed.length === 0 ? 0 : 1)
