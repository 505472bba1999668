// `pnpm hijack`: agents whose model is fully hijacked, and what of its calls really runs.
import { mkdirSync } from 'node:fs'
import { attacksFolder } from '../gate/cases.ts'
import { readCommandLine, usage } from './command-line.ts'
import { driverFacts, wires } from './drivers/driver.ts'
import { partsOf } from './parts.ts'
import { runPart } from './run-part.ts'
import { figureOf, judge, linesOf } from './summary.ts'
import type { Judged } from './summary.ts'
import { makeWorkspace } from './workspace.ts'

if (process.argv.includes('--help')) {
  console.log(usage)
  process.exit(0)
}
const line = readCommandLine(process.argv.slice(2))
const cases = attacksFolder()
if (cases === undefined) {
  console.log('no cases in ../shared/attacks, and HOLDFAST_ATTACKS names none: a few of our own')
}
for (const [name, facts] of Object.entries(driverFacts)) {
  const missing = wires.filter((wire) => !facts.wires.includes(wire))
  if (missing.length > 0)
    console.log(`${name} does not speak ${missing.join(', ')}: ${facts.unspoken}`)
}

if (line.keep !== undefined) mkdirSync(line.keep, { recursive: true })
using workspace = makeWorkspace(line.keep)
const waiting = partsOf(line, { cases, ...workspace }).values()
const judged: Judged[] = []
await Promise.all(
  Array.from({ length: line.atOnce }, async () => {
    for (const order of waiting) {
      const one = judge(await runPart(order))
      judged.push(one)
      for (const text of linesOf(one)) console.log(text)
    }
  }),
)
const { text, holds } = figureOf(judged)
console.log(`\nhijack: ${text}`)
process.exitCode = holds ? 0 : 1
