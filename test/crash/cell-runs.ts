import type { DeathPlanner } from './plan.ts'
import { noDeaths } from './plan.ts'
import type { Place } from './agent-run.ts'
import type { RunResult } from './run.ts'
import { runToEnd } from './run.ts'

/** All runs of one cell. */
export interface CellResult {
  readonly place: Place
  /** The first was not killed. */
  readonly runs: readonly RunResult[]
}

/** A cell whose runs end before anybody can kill them is not getting anywhere. */
const mostRunsWithoutKill = 10

/** Runs a cell's agent without a kill, then again and again until it was killed so many times. */
export async function runCell(
  place: Place,
  {
    kills,
    planner,
    onKills,
  }: {
    readonly kills: number
    readonly planner: DeathPlanner
    readonly onKills?: (count: number) => void
  },
): Promise<CellResult> {
  const uncrashed = await runToEnd(place, runName(place, 0), { usualMs: 0, deaths: noDeaths })
  const runs = [uncrashed]
  let killsLeft = uncrashed.trouble === undefined ? kills : 0
  for (let unkilled = 0; killsLeft > 0 && unkilled < mostRunsWithoutKill;) {
    const run = await runToEnd(place, runName(place, runs.length), {
      usualMs: uncrashed.workedMs,
      wantedAnswer: uncrashed.answer,
      deaths: planner.forRun(killsLeft),
    })
    runs.push(run)
    killsLeft -= run.kills
    onKills?.(run.kills)
    unkilled = run.kills === 0 ? unkilled + 1 : 0
    if (run.trouble !== undefined) break
  }
  return { place, runs }
}

function runName({ cell, keeper }: Place, index: number): string {
  return `${keeper}-${Object.values(cell).join('-')}-${index}`
}
