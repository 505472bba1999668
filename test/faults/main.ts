// `pnpm faults`: the commonest faults of a provider against real clients, without Holdfast and with it.
import { writeFileSync } from 'node:fs'
import type { Cell } from './cell.ts'
import { cells } from './cell.ts'
import { readCommandLine, usage } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import { judgeHalves } from './judge-halves.ts'
import type { HalfResults } from './run-half.ts'
import { runHalf } from './run-half.ts'
import { legend, tables } from './print.ts'
import { faultsPage, pageFile } from './page.ts'
import { Progress } from './progress.ts'
import { sequenceOf } from './random/sequence.ts'
import { holds, lastLine } from './summary.ts'

try {
  process.exitCode = await main(readCommandLine(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  if (error instanceof TypeError) console.error(usage)
  process.exitCode = 2
}

async function main(options: CommandLine): Promise<number> {
  if (options.writePage) {
    writeFileSync(pageFile, faultsPage())
    return 0
  }
  if (options.random !== undefined) return await randomFaults(options.random, options.atOnce)
  const wanted = cells(options.part)
  if (wanted.length === 0)
    throw new TypeError('--only leaves no cell: this client does not speak this wire')
  const startMs = performance.now()
  const progress = new Progress(wanted.length * (Number(options.bare) + Number(options.with)))
  const run = (on: boolean, half: 'bare' | 'with'): Promise<HalfResults> | undefined =>
    on
      ? runHalf(half, mixed(wanted), { atOnce: options.atOnce, onResult: () => progress.tick() })
      : undefined
  const [bare, withHoldfast] = await Promise.all([
    run(options.bare, 'bare'),
    run(options.with, 'with'),
  ])
  progress.end()

  const judged = judgeHalves(wanted, bare, withHoldfast)
  if (options.json !== undefined) {
    const results = judged.map(({ cell, ...findings }) => ({
      ...cell,
      findings,
      results: { bare: bare?.byId.get(cell.id), with: withHoldfast?.byId.get(cell.id) },
    }))
    writeFileSync(options.json, JSON.stringify(results, undefined, 1))
  }

  console.log(`${tables(judged)}\n\n${legend}\n`)
  for (const { cell, with: findings = [] } of judged) {
    for (const { problem, details } of findings) console.log(`${cell.id}: ${problem}: ${details}`)
  }
  for (const [message, times] of withHoldfast?.strayRejections ?? []) {
    console.log(`a rejection that nobody handles (${times}x): ${message}`)
  }
  for (const bug of withHoldfast?.bugs ?? []) console.log(`a mistake inside Holdfast: ${bug}`)
  const seconds = Math.round((performance.now() - startMs) / 1000)
  const again = (bare?.again ?? 0) + (withHoldfast?.again ?? 0)
  const note = again === 0 ? '' : `; ${again} run again, this machine stood still meanwhile`
  console.log(`${wanted.length} cells in ${seconds} s${note}`)
  console.log(lastLine(judged))
  return holds(judged, withHoldfast) ? 0 : 1
}

async function randomFaults(
  { count, firstSeed }: { readonly count: number; readonly firstSeed: number },
  atOnce: number,
): Promise<number> {
  const startMs = performance.now()
  const progress = new Progress(count, 'sequences')
  if (count === 1) console.log(JSON.stringify(sequenceOf(firstSeed), undefined, 1))
  const { runRandom } = await import('./random/run-random.ts')
  const onResult = (): void => progress.tick()
  const {
    problems,
    lastLine: line,
    holds: isGood,
  } = await runRandom({
    firstSeed,
    count,
    atOnce,
    onResult,
  })
  progress.end()
  for (const problem of problems) console.log(problem)
  if (problems.length > 0) console.log('pnpm faults --seed N runs one of them again')
  console.log(`${count} sequences in ${Math.round((performance.now() - startMs) / 1000)} s`)
  console.log(line)
  return isGood ? 0 : 1
}

/** Slow cells of one kind stand together in the tables; mixed, their waits overlap with quick ones. */
function mixed(all: readonly Cell[]): Cell[] {
  const step = 97
  return Array.from({ length: step }, (_, offset) =>
    all.filter((_cell, index) => index % step === offset),
  ).flat()
}
