// `pnpm crossings [name …] [--seed=1] [--runs=200]`: many runs of each framework's agent at a time, in a random order,
// each with its mark in the prompt and in the arguments of its tools. None of them may be taken for another one's.
// OpenClaw's runs are turns in its gateway, looked for in the journal; where it is not yet, it is installed in the folder
// for temporary files (650 MB), and where that cannot be, it is left out.
import { readdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fixtures, runApplication } from '../adapters/run-application.ts'
import type { Loading } from '../adapters/run-application.ts'
import { installOpenClaw } from '../openclaw/install-openclaw.ts'
import { crossings } from './crossings.ts'
import type { Crossings } from './crossings.ts'
import { throughGateway } from './openclaw.ts'
import { overSharedSockets } from './sockets.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
})
const { runs, seed } = values
const isWanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)
const frameworks = (await readdir(fixtures))
  .filter((file) => file.endsWith('-entry.cjs'))
  .map((file) => file.replace('-entry.cjs', ''))
  .filter(isWanted)

console.log(`seed ${seed} (again with: pnpm crossings --seed=${seed})`)
const totals = { frameworks: 0, calls: 0, wrong: 0 }
for (const framework of frameworks) {
  const loading: Loading = totals.frameworks++ % 2 === 0 ? 'late' : 'by --import'
  tell(framework, await interleaved(framework, loading))
}
if (isWanted('openclaw') && canInstall()) {
  totals.frameworks++
  tell('openclaw', await throughGateway(Number(runs), seed).catch(nothingBut))
}
if (positionals.length === 0) {
  const played = await overSharedSockets(Number(runs))
  for (const [client, one] of Object.entries(played)) tell(`(${client})`, crossings(one))
}
console.log(
  `crossings: ${totals.wrong} of ${totals.calls} calls of ${totals.frameworks} frameworks were attributed to the wrong run`,
)
process.exitCode = totals.wrong === 0 && totals.calls > 0 ? 0 : 1

function tell(name: string, { runs: count, models, tools, wrong }: Crossings): void {
  totals.calls += models + tools
  totals.wrong += wrong.length
  const seen = `${count} runs, ${models} model requests, ${tools} tool calls`
  console.log(`${name.padEnd(18)} ${seen}: ${wrong.length} in the wrong run`)
  for (const line of wrong.slice(0, 10)) console.log(`  ${line}`)
}

async function interleaved(framework: string, loading: Loading): Promise<Crossings> {
  try {
    const { played } = await runApplication({
      framework,
      modules: 'esm',
      loading,
      scenarios: [],
      env: { INTERLEAVED: runs, SEED: seed },
    })
    const { interleaved: one } = played
    if (one === undefined) throw new Error(`its application has no function \`one\``)
    return crossings(one)
  } catch (error) {
    return nothingBut(error)
  }
}

function nothingBut(error: unknown): Crossings {
  return { runs: 0, models: 0, tools: 0, wrong: [(error as Error).message] }
}

function canInstall(): boolean {
  try {
    if (process.platform !== 'linux') throw new Error('its processes are found on Linux only')
    installOpenClaw()
    return true
  } catch (error) {
    if (positionals.length > 0) throw error
    console.error(`openclaw is left out: ${(error as Error).message}`)
    return false
  }
}
