// `pnpm crash`: agents killed with SIGKILL at random times and at named points, restarted until they are done.
// A real provider simulator in this process counts requests by logical step; tools append to a file outside of the
// journal, which is the truth that the journal is measured by.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { installOpenClaw } from '../openclaw/install-openclaw.ts'
import { runCampaign } from './campaign.ts'
import { cells } from './cell.ts'
import type { Cell, Keeper } from './cell.ts'
import { readCommandLine, usage } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import { playFaults, scenarios } from './faults/index.ts'
import { Progress } from './progress.ts'
import { figure, holds, killsByPoint, legend, summarise, table, troubles } from './summary.ts'
import type { Summary } from './summary.ts'

try {
  process.exitCode = await main(readCommandLine(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  if (error instanceof TypeError) console.error(usage)
  process.exitCode = 2
}

async function main(options: CommandLine): Promise<number> {
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'holdfast-crash-'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let kept = false
  try {
    kept = await run(options, resolve(folder))
  } finally {
    if (options.keep === undefined && kept) rmSync(folder, { recursive: true, force: true })
    else console.error(`what was written stays in ${folder}`)
  }
  return kept ? 0 : 1
}

/** True where the figure holds. */
async function run(options: CommandLine, folder: string): Promise<boolean> {
  const { mode, kills, part } = options
  if (mode === 'faults') return await faults(options, folder)
  if (mode === 'peer') {
    // The checkpointer is LangGraph's own, and so are the cells.
    const wanted = cells({ ...part, agent: ['langgraph'], store: ['sqlite'] })
    const peer = await campaign(options, folder, wanted, 'peer')
    const ours = await campaign(options, folder, wanted, 'journal')
    console.log(`LangGraph's SqliteSaver, durability sync: ${figure(peer)}`)
    console.log(`Holdfast's journal: ${figure(ours)}`)
    return holds(ours, kills)
  }
  const wanted = installed(mode === 'bare' ? cells({ ...part, store: ['sqlite'] }) : cells(part))
  const summary = await campaign(options, folder, wanted, mode)
  console.log(mode === 'bare' ? `without a journal: ${figure(summary)}` : figure(summary))
  return holds(summary, kills)
}

/** The cells without those of OpenClaw where it cannot be had, unless they are all that is asked for. */
function installed(wanted: readonly Cell[]): readonly Cell[] {
  const others = wanted.filter(({ agent }) => agent !== 'openclaw')
  if (others.length === wanted.length) return wanted
  try {
    if (process.platform !== 'linux') throw new Error('its processes are found on Linux only')
    installOpenClaw()
    return wanted
  } catch (error) {
    if (others.length === 0) throw error
    console.error(`openclaw is left out: ${(error as Error).message}`)
    return others
  }
}

async function faults({ seed }: CommandLine, folder: string): Promise<boolean> {
  const played = await playFaults(scenarios, {
    folder,
    seed,
    stopMs: 30_000,
    onPlayed({ scenario: { name, promise }, times, findings }) {
      console.log(`${findings.length === 0 ? '✓' : '✗'} ${name}, ${times} times: ${promise}`)
      for (const finding of findings) console.log(`    ${finding}`)
    },
  })
  const times = played.reduce((sum, each) => sum + each.times, 0)
  const bad = played.filter(({ findings }) => findings.length > 0).length
  console.log(
    `${played.length} faults played ${times} times: ${bad === 0 ? 'each ended' : `${bad} did not end`} as the design says`,
  )
  return bad === 0
}

async function campaign(
  { kills, seed, atOnce }: CommandLine,
  folder: string,
  wanted: readonly Cell[],
  keeper: Keeper,
): Promise<Summary> {
  if (wanted.length === 0) throw new TypeError('--only leaves no cell')
  const beganMs = performance.now()
  const progress = new Progress(kills)
  const results = await runCampaign({
    cells: wanted,
    keeper,
    kills,
    seed,
    atOnce,
    folder,
    onKills: (count) => progress.kills(count),
  })
  progress.end()
  const summary = summarise(results)
  console.log(`${table(results)}\n${legend}\n`)
  for (const line of troubles(results).slice(0, 40)) console.log(line)
  console.log(killsByPoint(summary))
  const seconds = Math.round((performance.now() - beganMs) / 1_000)
  console.log(`${summary.kills} kills took ${seconds} s, seed ${seed}, ${atOnce} agents at a time`)
  return summary
}
