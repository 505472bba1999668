import { join } from 'node:path'
import type { Cell, Keeper } from './cell.ts'
import type { Work } from './conversation.ts'
import type { Job } from './job.ts'
import type { Losses } from './judge.ts'
import { judge, requestsAgain } from './judge.ts'
import { live } from './life.ts'
import type { Deaths } from './plan.ts'
import type { Point } from './points.ts'
import type { Provider } from './provider.ts'
import { TruthFile } from './truth.ts'

/** Everything that a cell's runs have in common. */
export interface Place {
  readonly cell: Cell
  readonly keeper: Keeper
  readonly work: Work
  readonly folder: string
  readonly storeAt: string
  readonly compileCache: string
  readonly provider: Provider
  readonly storeIsWhole: () => boolean
}

/** One run, from its first process to its answer. */
export interface RunResult {
  readonly losses: Losses
  readonly kills: number
  /** Where it was killed: at a point, or at some moment. */
  readonly killedAt: readonly (Point | 'random')[]
  readonly requestsAgain: number
  /** Tool calls that were shown to be in doubt. */
  readonly surfaced: number
  readonly answer: string | undefined
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
  const { cell, keeper, work, provider } = place
  const truthFile = join(place.folder, `${runId}.truth`)
  const truth = new TruthFile(truthFile)
  const followed = provider.follow({ id: runId, cell, work, truthFile })
  const killedAt: (Point | 'random')[] = []
  let workedMs = 0
  let trouble: string | undefined
  let storeIsWhole = true
  try {
    for (let life = 0; ; life++) {
      const done = new Set(followed.asked.map(({ step }) => step)).size
      const stepsLeft = Math.max(1, work.rounds + 1 - done)
      const planned = deaths.next({ stepsLeft, slots: work.slots, before: killedAt })
      const job: Job = {
        runId,
        cell,
        keeper,
        work,
        providerUrl: followed.url,
        truthFile,
        storeAt: place.storeAt,
        ...(planned.how === 'point' ? { dieAt: planned } : {}),
      }
      const death = await live({
        job,
        compileCache: place.compileCache,
        ...(planned.how === 'random'
          ? {
              killAfterMs: planned.moment * Math.max(30, (usualMs * stepsLeft) / (work.rounds + 1)),
            }
          : {}),
      })
      workedMs += death.workedMs
      if (death.end === 'done') break
      if (death.end !== 'killed' || life >= mostLives) {
        trouble = `the process ${death.end}: ${death.stderr.slice(0, 2_000)}`
        break
      }
      const last = truth.read().at(-1)
      killedAt.push(last?.at === 'point' ? last.point : 'random')
      storeIsWhole &&= place.storeIsWhole()
      followed.nextLife()
    }
  } finally {
    followed.close()
  }

  const lines = truth.read()
  const answer = lines.findLast((line) => line.at === 'answer')?.text
  return {
    losses: judge({
      work,
      truth: lines,
      asked: followed.asked,
      receipts: followed.receipts,
      kills: killedAt.length,
      answer,
      wantedAnswer,
      storeIsWhole: storeIsWhole && place.storeIsWhole(),
    }),
    kills: killedAt.length,
    killedAt,
    requestsAgain: requestsAgain(followed.asked),
    surfaced: lines.filter(({ at }) => at === 'surfaced').length,
    answer,
    workedMs,
    ...(trouble === undefined ? {} : { trouble }),
  }
}
