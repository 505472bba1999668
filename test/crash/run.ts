import { AgentRun } from './agent-run.ts'
import type { Place, RunEnd } from './agent-run.ts'
import type { Deaths } from './plan.ts'

/** One run, from its first process to its answer. */
export interface RunResult extends RunEnd {
  /** How long its processes worked, their starts left out. */
  readonly workedMs: number
  /** Why it did not end well. */
  readonly trouble?: string
}

/** A run that is killed so often is not getting anywhere. */
const mostLives = 60

/** Runs an agent, kills it as planned and starts it again until it is done. */
export async function runToEnd(
  place: Place,
  runId: string,
  {
    usualMs,
    wantedAnswer,
    deaths,
  }: {
    /** How long an uncrashed run works. */
    readonly usualMs: number
    readonly wantedAnswer?: string | undefined
    readonly deaths: Deaths
  },
): Promise<RunResult> {
  const run = new AgentRun(place, runId)
  const { rounds, slots } = place.work
  let workedMs = 0
  let trouble: string | undefined
  for (let life = 0; ; life++) {
    const { stepsLeft, killedAt } = run
    const planned = deaths.next({ stepsLeft, slots, before: killedAt })
    const leftMs = Math.max(30, (usualMs * stepsLeft) / (rounds + 1))
    const death = await run.live(
      planned.how === 'point' ? { dieAt: planned } : {},
      planned.how === 'random' ? { killAfterMs: planned.moment * leftMs } : {},
    )
    workedMs += death.workedMs
    if (death.end === 'done') break
    if (death.end !== 'killed' || life >= mostLives) {
      trouble = `the process ${death.end}: ${death.stderr}`
      break
    }
  }
  return {
    ...run.end({ wantedAnswer }),
    workedMs,
    ...(trouble === undefined ? {} : { trouble }),
  }
}
