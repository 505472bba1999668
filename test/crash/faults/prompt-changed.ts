import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentRun } from '../agent-run.ts'
import type { Cell } from '../cell.ts'
import type { JobVariant } from '../job.ts'
import { failuresOf, lossesOf, runOn, untilDone, usualCell } from './scenario.ts'
import type { Scenario } from './scenario.ts'

const changes: readonly JobVariant[] = [
  { instructions: 'You record rounds with the tool, one after the other!' },
  { toolDescription: 'Records one slot of one round.' },
]
const agents: readonly Cell['agent'][] = ['openai', 'anthropic', 'ai-sdk', 'langgraph']

/** Between the crash and the next process somebody has changed the agent. */
export const promptChanged: Scenario = {
  name: 'prompt or tool changed before the resume',
  promise: 'noticed every time: fork asks anew and repeats no effect, strict refuses, warn says so',
  async play(stage) {
    const folder = join(stage.folder, 'prompt-changed')
    mkdirSync(folder)
    const findings: string[] = []
    let times = 0
    for (const agent of agents) {
      for (const change of changes) {
        if (change.toolDescription !== undefined && agent !== 'openai') continue
        for (const divergence of ['fork', 'strict', 'warn'] as const) {
          const name = `prompt-changed-${agent}-${divergence}-${times++}`
          const run = runOn(stage, name, join(folder, `${name}.db`), { ...usualCell, agent })
          const time = 1 + Math.floor(stage.random() * 14)
          await run.live({ divergence, dieAt: { point: 'record-after', time } })
          findings.push(...(await resume(name, run, { ...change, divergence })))
        }
      }
    }
    return { times, findings }
  },
}

async function resume(name: string, run: AgentRun, change: JobVariant): Promise<string[]> {
  const findings: string[] = []
  const requests = run.requests
  const effects = countOf(run, 'effect')
  if (change.divergence === 'strict') {
    await run.live(change)
    if (failuresOf(run).at(-1) !== 'RUN_DIVERGED') {
      findings.push(`${name}: ended with ${failuresOf(run).at(-1)}`)
    }
    if (run.requests !== requests) findings.push(`${name}: asked its model`)
    if (countOf(run, 'effect') !== effects) findings.push(`${name}: ran its tools`)
    // As it was before, it goes on.
    const { divergence } = change
    if ((await untilDone(run, { divergence })) === 0) findings.push(`${name}: never done`)
    if (countOf(run, 'diverged') > 0) findings.push(`${name}: said to differ where it does not`)
    return [...findings, ...lossesOf(name, run.end())]
  }
  if ((await untilDone(run, change)) === 0) findings.push(`${name}: never done`)
  const said = change.divergence === 'warn' ? 'warned' : 'diverged'
  if (countOf(run, said) === 0) findings.push(`${name}: nobody noticed`)
  if (run.requests - requests !== 15) findings.push(`${name}: served an old answer`)
  // All is asked anew; what the tools did before still counts.
  const anew = { lostSteps: Number.POSITIVE_INFINITY, excessRequests: Number.POSITIVE_INFINITY }
  return [...findings, ...lossesOf(name, run.end(), anew)]
}

function countOf(run: AgentRun, at: string): number {
  return run.truth().filter((line) => line.at === at).length
}
