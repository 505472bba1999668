import { noThoughts } from './prefix-counts.ts'
import type { CountedBody, Thoughts } from './prefix-counts.ts'

/** A request by its own features, and what was reported before by those that it had then. */
export interface Counted {
  readonly counted: number
  readonly countedBefore: number | undefined
  /** The model's answer since. */
  readonly answered: number
  /** By the model's own tokeniser. */
  readonly isExact: boolean
}

/** What a request comes to after the last report. */
export interface Since {
  readonly tokens: number
  /** Learns from what the provider reports for it; what of that are thoughts. */
  learn(inputTokens: number): Thoughts
}

/** Not below 0 where what was thought counts. */
interface Habit {
  /** When tools have answered. */
  readonly inTurn: number
  /** When somebody has said something more. */
  readonly acrossTurns: number
  /** That of earlier turns, when tools have answered again. */
  readonly again: number
}

// As OpenAI and Anthropic tell it: thoughts stay between the calls of tools and go with the next message of the user.
// https://platform.openai.com/docs/guides/reasoning, https://platform.claude.com/docs/en/build-with-claude/extended-thinking (2026-11-21)
const usual: Habit = { inTurn: 1, acrossTurns: -1, again: -1 }
const mostModels = 256
/** So many reports that speak for it are outweighed by as many that speak against it. */
const mostTrust = 2
/** Below that, what is counted about thoughts is chance. */
const leastTokens = 12

/**
 * Counts on from a provider's report: what was added since, and of what the model thought what its provider goes on
 * counting. Which that is each has its own idea of, and shows by its next report.
 */
export class ThoughtHabits {
  readonly #habits = new Map<string, Habit>()

  since(
    model: string,
    body: CountedBody,
    { counted, countedBefore, answered, isExact }: Counted,
  ): Since {
    const { reported, answer, isNewTurn } = body
    if (reported === undefined || countedBefore === undefined) {
      return { tokens: counted, learn: () => noThoughts }
    }
    const { inputTokens = 0, outputTokens } = reported.usage
    // Where its provider does not say how much of an answer was thought, that is what was not said.
    const unsaid = answer?.hasThoughts === true ? Math.max(0, (outputTokens ?? 0) - answered) : 0
    const { reasoningTokens = unsaid } = reported.usage
    const begun = inputTokens + counted - countedBefore
    const thought = answer?.hasThoughts === true ? reasoningTokens : 0
    const { counted: earlier, resting } = reported.thoughts
    const written = (kept: boolean): number => {
      if (answer === undefined || outputTokens === undefined) return 0
      if (kept && thought > 0) return outputTokens - answered
      // What the answer has around it is not said again: a tokeniser of its own knows better.
      return isExact ? 0 : Math.max(0, outputTokens - reasoningTokens) - answered
    }
    const tokensIf = (kept: boolean, again = false): number =>
      begun + written(kept) - (kept || !isNewTurn ? 0 : earlier) + (again ? resting : 0)
    const habit = this.#habits.get(model) ?? usual
    const which = isNewTurn ? 'acrossTurns' : 'inTurn'
    return {
      tokens: tokensIf(habit[which] >= 0, !isNewTurn && habit.again >= 0),
      learn: (now) => {
        const isNearer = (one: number, other: number): boolean =>
          Math.abs(one - now) < Math.abs(other - now)
        const again =
          !isNewTurn &&
          resting >= leastTokens &&
          isNearer(tokensIf(true, true), tokensIf(true)) &&
          isNearer(tokensIf(true, true), tokensIf(false))
        const isKept = again || isNearer(tokensIf(true), tokensIf(false))
        if (thought + (isNewTurn ? earlier : 0) >= leastTokens) this.#learn(model, which, isKept)
        if (!isNewTurn && resting >= leastTokens) this.#learn(model, 'again', again)
        if (isNewTurn) {
          return { counted: 0, resting: isKept ? resting : resting + earlier + thought }
        }
        const ofAnswer = isKept && thought > 0 ? written(true) : 0
        return again
          ? { counted: earlier + ofAnswer + resting, resting: 0 }
          : { counted: earlier + ofAnswer, resting }
      },
    }
  }

  #learn(model: string, which: keyof Habit, speaksForIt: boolean): void {
    const habit = this.#habits.get(model) ?? usual
    const trust = habit[which] + (speaksForIt ? 1 : -1)
    const within = Math.max(-mostTrust, Math.min(mostTrust, trust))
    this.#keep(model, { ...habit, [which]: within })
  }

  #keep(model: string, habit: Habit): void {
    this.#habits.delete(model)
    this.#habits.set(model, habit)
    if (this.#habits.size <= mostModels) return
    const [oldest] = this.#habits.keys()
    if (oldest !== undefined) this.#habits.delete(oldest)
  }
}
