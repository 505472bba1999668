import { Recent } from '../../recent.ts'
import type { CapLine } from './cap-lines.ts'
import type { CapOptions } from './options.ts'

/** What happens at a share of a cap, before it is reached. */
export interface CapStep {
  readonly kind: 'soft' | 'degrade'
  readonly at: number
}

const mostLines = 50_000
const none: readonly CapStep[] = []

/** How far each cap is: its steps are taken one after the other, and a step that was taken stays taken. */
export class CapSteps {
  readonly #levels = new Recent<{ level: number; untilMs: number }>(mostLines)
  readonly #raised = new Recent<number>(mostLines)
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Some step of some cap was taken. */
  get anyTaken(): boolean {
    return this.#levels.size > 0
  }

  /** What may be spent before the next step is due. */
  limitOf(line: CapLine): number {
    const next = line.steps[this.#level(line)]
    const limit = this.#limit(line)
    return next === undefined ? limit : Math.floor(limit * next.at)
  }

  taken(line: CapLine): readonly CapStep[] {
    const level = this.#level(line)
    return level === 0 ? none : line.steps.slice(0, level)
  }

  /** Takes the next step; undefined where only the cap itself is left. */
  take(line: CapLine): CapStep | undefined {
    const level = this.#level(line)
    const step = line.steps[level]
    if (step === undefined) return undefined
    const { periodMs } = line.cap
    const now = this.#now()
    const untilMs = periodMs === undefined ? Infinity : now - (now % periodMs) + periodMs
    this.#levels.set(line.key, { level: level + 1, untilMs })
    return step
  }

  /** What a yes would make of the cap. */
  raisedLimit(line: CapLine): number {
    return this.#limit(line) + Math.max(1, Math.ceil(line.limit * (line.cap.raiseBy ?? 0.5)))
  }

  raise(line: CapLine, limit: number): void {
    this.#raised.set(line.key, limit)
  }

  #limit({ key, limit }: CapLine): number {
    return this.#raised.size === 0 ? limit : (this.#raised.get(key) ?? limit)
  }

  #level({ key }: CapLine): number {
    if (!this.anyTaken) return 0
    const known = this.#levels.get(key)
    return known === undefined || known.untilMs <= this.#now() ? 0 : known.level
  }
}

/** The steps of a cap, in the order in which they are taken. */
export function stepsOf(cap: CapOptions): readonly CapStep[] {
  const { softAt = 0.8, degradeTo, degradeAt = 0.9 } = cap
  const soft: CapStep[] = softAt === false ? [] : [{ kind: 'soft', at: softAt }]
  const degrade: CapStep[] = degradeTo === undefined ? [] : [{ kind: 'degrade', at: degradeAt }]
  return [...soft, ...degrade].toSorted((a, b) => a.at - b.at)
}
