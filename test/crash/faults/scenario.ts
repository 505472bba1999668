import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AgentRun } from '../agent-run.ts'
import type { RunEnd } from '../agent-run.ts'
import type { Cell } from '../cell.ts'
import type { Losses } from '../judge.ts'
import type { Provider } from '../provider.ts'
import type { Random } from '../random.ts'

/** Something that goes wrong, and what is to become of it. */
export interface Scenario {
  readonly name: string
  readonly promise: string
  /** Plays it several times; answers what was otherwise than promised, and how often it was played. */
  play(stage: Stage): Promise<{ readonly times: number; readonly findings: readonly string[] }>
}

/** Where scenarios are played. */
export interface Stage {
  readonly folder: string
  readonly provider: Provider
  readonly compileCache: string
  readonly random: Random
  /** How long an owner is stopped before it goes on. */
  readonly stopMs: number
}

/** What a cell is unless a scenario says otherwise. */
export const usualCell: Cell = { agent: 'openai', reply: 'stream', tools: 'three', store: 'sqlite' }

/** A run of 14 rounds with a journal at that place. */
export function runOn(
  { folder, provider, compileCache }: Stage,
  name: string,
  storeAt: string,
  cell: Cell = usualCell,
): AgentRun {
  const truths = join(folder, 'truth')
  mkdirSync(truths, { recursive: true })
  return new AgentRun(
    {
      cell,
      keeper: 'journal',
      work: { rounds: 14, slots: cell.tools === 'one' ? 1 : 3 },
      folder: truths,
      storeAt,
      compileCache,
      provider,
      storeIsWhole: () => true,
    },
    name,
  )
}

/** What was lost, but for what may be. */
export function lossesOf(
  name: string,
  { losses, details }: RunEnd,
  allowed: Partial<Losses> = {},
): readonly string[] {
  return Object.entries(losses)
    .filter(([kind, count]) => count > (allowed[kind as keyof Losses] ?? 0))
    .map(([kind, count]) => `${name}: ${kind} ${count} ${details.slice(0, 3).join('; ')}`)
}

/** The codes that a run's processes ended with, in order. */
export function failuresOf(run: AgentRun): string[] {
  return run.truth().flatMap((line) => (line.at === 'failed' ? [line.code] : []))
}

/** Starts processes until one ends well, pausing between them. Answers how many it took; 0 if none did. */
export async function untilDone(
  run: AgentRun,
  {
    most = 10,
    pauseMs = 0,
    ...variant
  }: { readonly most?: number; readonly pauseMs?: number } & Parameters<AgentRun['live']>[0] = {},
): Promise<number> {
  for (let life = 1; life <= most; life++) {
    const { end } = await run.live(variant)
    if (end === 'done') return life
    if (end === 'hung') return 0
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return 0
}
