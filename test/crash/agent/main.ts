// The process that is killed: one agent at its work.
import { readJob } from '../job.ts'
import { TruthFile } from '../truth.ts'
import { agents } from '../agents/index.ts'
import type { AgentStart, PlayAgent } from '../agents/agent.ts'
import { deathAt } from './death.ts'
import { recorder } from './record.ts'
import { watch } from './watch.ts'
import { watchedFetch } from './watched-fetch.ts'

const job = readJob()
const truth = new TruthFile(job.truthFile)
const pass = deathAt(job, truth)

const keepGoing =
  job.keeper === 'journal'
    ? (await import('./journaled.ts')).journaled(job, truth, pass)
    : (work: () => Promise<string>) => work()
// Some frameworks keep the fetch that they find when they are loaded.
const watching = watch({ work: job.work, truth, pass })
globalThis.fetch = watchedFetch(globalThis.fetch, watching)
const play = await agent()
const ready = (): void => void process.stdout.write('ready\n')
// It takes seconds until OpenClaw works.
if (job.cell.agent !== 'openclaw') ready()
const start: AgentStart = { job, record: recorder(truth, pass), watch: watching, ready }
try {
  truth.write({ at: 'answer', text: await keepGoing(() => play(start)) })
} catch (error) {
  truth.write({ at: 'failed', code: codeOf(error) })
  console.error(error)
  process.exit(1)
}
// Some frameworks keep timers that hold a process for a while.
process.exit(0)

async function agent(): Promise<PlayAgent> {
  if (job.keeper === 'peer') return (await import('./peer.ts')).playWithCheckpointer(job.storeAt)
  return (await agents[job.cell.agent]()).play
}

/** What Holdfast said, however deep a framework has wrapped it. */
function codeOf(error: unknown): string {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if ('isHoldfastError' in inner && 'code' in inner) return String(inner.code)
  }
  return String(error)
}
