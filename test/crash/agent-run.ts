import { join } from 'node:path'
import type { Cell, Keeper } from './cell.ts'
import type { Work } from './conversation.ts'
import type { Job, JobVariant } from './job.ts'
import type { Losses } from './judge.ts'
import { details, judge, requestsAgain } from './judge.ts'
import { live } from './life.ts'
import type { Death, LifeOptions } from './life.ts'
import type { Point } from './points.ts'
import type { AskedRun, Provider } from './provider.ts'
import { TruthFile } from './truth.ts'
import type { Truth } from './truth.ts'

/** Everything that the runs of a cell have in common. */
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

/** What is known of a run that is over. */
export interface RunEnd {
  readonly losses: Losses
  /** What was lost, place by place. */
  readonly details: readonly string[]
  readonly kills: number
  /** Where it was killed: at a point, or at some moment. */
  readonly killedAt: readonly (Point | 'random')[]
  readonly requestsAgain: number
  /** Tool calls that were shown to be in doubt. */
  readonly surfaced: number
  readonly answer: string | undefined
}

interface EndOptions {
  readonly wantedAnswer?: string | undefined
  readonly interruptions?: number
}

/** One run of an agent: processes that begin it and go on with it. */
export class AgentRun {
  readonly runId: string
  readonly #place: Place
  readonly #truth: TruthFile
  readonly #truthFile: string
  readonly #followed: AskedRun
  readonly #killedAt: (Point | 'random')[] = []
  #storeIsWhole = true

  constructor(place: Place, runId: string) {
    this.#place = place
    this.runId = runId
    this.#truthFile = join(place.folder, `${runId}.truth`)
    this.#truth = new TruthFile(this.#truthFile)
    const { provider, cell, work } = place
    this.#followed = provider.follow({ id: runId, cell, work, truthFile: this.#truthFile })
  }

  get killedAt(): readonly (Point | 'random')[] {
    return this.#killedAt
  }

  /** Model requests that have not been made yet, were everything to go well. */
  get stepsLeft(): number {
    const { work } = this.#place
    return Math.max(1, work.rounds + 1 - new Set(this.#followed.asked.map(({ step }) => step)).size)
  }

  /** How many model requests there were. */
  get requests(): number {
    return this.#followed.asked.length
  }

  truth(): Truth[] {
    return this.#truth.read()
  }

  /** Runs one process until it ends, by itself or killed. */
  async live(
    variant: JobVariant = {},
    options: Omit<LifeOptions, 'job' | 'compileCache'> = {},
  ): Promise<Death> {
    const { cell, keeper, work, storeAt, compileCache } = this.#place
    const before = this.truth().length
    const job: Job = {
      runId: this.runId,
      cell,
      keeper,
      work,
      providerUrl: this.#followed.url,
      truthFile: this.#truthFile,
      storeAt,
      ...variant,
    }
    const death = await live({ job, compileCache, ...options })
    this.#followed.nextLife()
    if (death.end === 'killed') {
      const last = this.truth().slice(before).at(-1)
      this.#killedAt.push(last?.at === 'point' ? last.point : 'random')
      this.#storeIsWhole &&= this.#place.storeIsWhole()
    }
    return death
  }

  /**
   * Measures the run by what really happened; nobody asks its provider any more. What was cut off otherwise than by a
   * kill is `interruptions`.
   */
  end({ wantedAnswer, interruptions = 0 }: EndOptions = {}): RunEnd {
    this.#followed.close()
    const truth = this.truth()
    const { asked, receipts } = this.#followed
    const { work, storeIsWhole } = this.#place
    const answer = truth.findLast((line) => line.at === 'answer')?.text
    const facts = {
      work,
      truth,
      asked,
      receipts,
      kills: this.#killedAt.length + interruptions,
      answer,
      wantedAnswer,
      storeIsWhole: this.#storeIsWhole && storeIsWhole(),
    }
    return {
      losses: judge(facts),
      details: details(facts),
      kills: this.#killedAt.length,
      killedAt: this.#killedAt,
      requestsAgain: requestsAgain(asked),
      surfaced: truth.filter(({ at }) => at === 'surfaced').length,
      answer,
    }
  }
}
