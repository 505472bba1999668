import type { Run, Usage } from '@holdfast/core'
import { microUsdOf } from '../reliability/limits/claims.ts'
import type { TokenPrice } from '../reliability/limits/options.ts'
import type { PartialRun } from './caps/cap-reached-error.ts'
import { Recent } from '../recent.ts'
import type { SpareTime } from './spare-time.ts'

const mostRuns = 2_000
const mostCharacters = 4_096

class Tally {
  text = ''
  calls = 0
  toolCalls = 0
  inputTokens = 0
  outputTokens = 0
  microUsd = 0
  priced = true
}

interface Answer {
  readonly run: Run | undefined
  readonly model: string
  readonly usage: Usage | undefined
  readonly text: string
}

/** What each run of this process has had so far, its sub-agents' runs included. */
export class RunTallies {
  readonly #tallies = new Recent<Tally>(mostRuns)
  readonly #prices: Readonly<Record<string, TokenPrice>>
  readonly #spareTime: SpareTime
  /** Answers that are not counted yet. */
  #answers: Answer[] = []

  constructor(prices: Readonly<Record<string, TokenPrice>>, spareTime: SpareTime) {
    this.#prices = prices
    this.#spareTime = spareTime
  }

  called(run: Run | undefined): void {
    this.#each(run, (tally) => tally.calls++)
  }

  toolCalled(run: Run | undefined): void {
    this.#each(run, (tally) => tally.toolCalls++)
  }

  answered(run: Run | undefined, model: string, usage: Usage | undefined, text: string): void {
    const uncounted = this.#answers.push({ run, model, usage, text })
    if (uncounted === 1) this.#spareTime.later(this.#count)
  }

  of(run: Run | undefined): PartialRun {
    this.#count()
    const { microUsd, priced, text, calls, toolCalls, inputTokens, outputTokens } = this.#tally(
      run?.id ?? '',
    )
    const costUsd = priced ? microUsd / 1e6 : undefined
    return { text, calls, toolCalls, inputTokens, outputTokens, costUsd }
  }

  readonly #count = (): void => {
    const answers = this.#answers
    this.#answers = []
    for (const { run, model, usage, text } of answers) {
      const { inputTokens = 0, outputTokens = 0 } = usage ?? {}
      const price = this.#prices[model]
      this.#each(run, (tally) => {
        tally.inputTokens += inputTokens
        tally.outputTokens += outputTokens
        if (price === undefined || usage === undefined) tally.priced = false
        else tally.microUsd += microUsdOf(usage, price)
        if (text !== '') tally.text = text.slice(0, mostCharacters)
      })
    }
  }

  /** For the run and all above it. */
  #each(run: Run | undefined, count: (tally: Tally) => void): void {
    count(this.#tally(run?.id ?? ''))
    for (let one = run?.parent; one !== undefined; one = one.parent) count(this.#tally(one.id))
  }

  #tally(id: string): Tally {
    return this.#tallies.take(id, () => new Tally())
  }
}
