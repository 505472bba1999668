import type { Point } from './points.ts'
import { rarePoints } from './points.ts'
import type { Random } from './random.ts'

/** How a process is to be killed. */
export type Plan =
  /** Somewhere in the time that it is expected to work, from 0 to 1. */
  | { readonly how: 'random'; readonly moment: number }
  | { readonly how: 'point'; readonly point: Point; readonly time: number }
  | { readonly how: 'not' }

/** Plans the deaths of a run's processes. */
export interface Deaths {
  next(run: {
    readonly stepsLeft: number
    readonly slots: number
    /** Where it was killed before. */
    readonly before: readonly (Point | 'random')[]
  }): Plan
}

/** Nobody is killed. */
export const noDeaths: Deaths = { next: () => ({ how: 'not' }) }

/** After these there is a doubt to settle, so that the points of settling can be met. */
const doubtful: readonly (Point | 'random')[] = ['intent-after', 'effect-before', 'effect-after']
const settling: readonly Point[] = ['settle-before', 'settle-after']

/** Random moments and named points by turns, at most `kills` in all and so many in one run. */
export class DeathPlanner {
  readonly #random: Random
  readonly #points: readonly Point[]
  readonly #killsPerRun: number
  #turn: number

  constructor(options: {
    readonly random: Random
    readonly points: readonly Point[]
    readonly killsPerRun?: number
  }) {
    this.#random = options.random
    this.#points = options.points
    this.#killsPerRun = options.killsPerRun ?? 8
    this.#turn = Math.floor(this.#random() * 2 * this.#points.length)
  }

  /** The deaths of one run, of which so many are left. */
  forRun(killsLeft: number): Deaths {
    const most = Math.min(killsLeft, this.#killsPerRun)
    return {
      next: ({ stepsLeft, slots, before }) => {
        if (before.length >= most) return { how: 'not' }
        const last = before.at(-1)
        if (
          last !== undefined &&
          doubtful.includes(last) &&
          this.#points.includes('settle-after')
        ) {
          const [one = 'settle-before', other = one] = settling
          const roll = this.#random()
          if (roll < 0.4) return { how: 'point', point: roll < 0.2 ? one : other, time: 1 }
        }
        const turn = this.#turn++
        if (turn % 2 === 0) return { how: 'random', moment: this.#random() }
        const usual = this.#points.filter((point) => !settling.includes(point))
        const point = usual[Math.floor(turn / 2) % usual.length]
        if (point === undefined) return { how: 'random', moment: this.#random() }
        return { how: 'point', point, time: this.#time(point, stepsLeft, slots) }
      },
    }
  }

  #time(point: Point, stepsLeft: number, slots: number): number {
    if (rarePoints.includes(point)) return 1
    // Once every third of a lease, so twice or so in a run.
    if (point.startsWith('renew')) return this.#random() < 0.7 ? 1 : 2
    const perStep = /^(?:intent|effect|outcome)-/.test(point) ? slots : 1
    // One less: the last step has no tool calls.
    return 1 + Math.floor(this.#random() * Math.max(1, stepsLeft - 1) * perStep)
  }
}
