import type { CountedBody } from './prefix-counts.ts'

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
  /** Learns from what the provider reports for it; how many of these are thoughts of the current turn. */
  learn(inputTokens: number): number
}

/** Not below 0 where what was thought counts: when tools have answered, and when somebody has said something more. */
interface Habit {
  readonly inTurn: number
  readonly acrossTurns: number
}

// As OpenAI and Anthropic tell it: thoughts stay between the calls of tools and go with the next message of the user.
// https://platform.openai.com/docs/guides/reasoning, https://platform.claude.com/docs/en/build-with-claude/extended-thinking (2026-11-21)
const usual: Habit = { inTurn: 1, acrossTurns: -1 }
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
      return { tokens: counted, learn: () => 0 }
    }
    const { inputTokens = 0, outputTokens } = reported.usage
    // Where its provider does not say how much of an answer was thought, that is what was not said.
    const unsaid = answer?.hasThoughts === true ? Math.max(0, (outputTokens ?? 0) - answered) : 0
    const { reasoningTokens = unsaid } = reported.usage
    const begun = inputTokens + counted - countedBefore
    const thought = answer?.hasThoughts === true ? reasoningTokens : 0
    const earlier = reported.thoughtTokens
    const written = (kept: boolean): number => {
      if (answer === undefined || outputTokens === undefined) return 0
      if (kept && thought > 0) return outputTokens - answered
      // What the answer has around it is not said again: a tokeniser of its own knows better.
      return isExact ? 0 : Math.max(0, outputTokens - reasoningTokens) - answered
    }
    const tokensIf = (kept: boolean): number =>
      begun + written(kept) - (kept || !isNewTurn ? 0 : earlier)
    const habit = this.#habits.get(model) ?? usual
    const which = isNewTurn ? 'acrossTurns' : 'inTurn'
    return {
      tokens: tokensIf(habit[which] >= 0),
      learn: (now) => {
        const isKept = Math.abs(tokensIf(true) - now) < Math.abs(tokensIf(false) - now)
        if (thought + (isNewTurn ? earlier : 0) >= leastTokens) {
          const trust = habit[which] + (isKept ? 1 : -1)
          const within = Math.max(-mostTrust, Math.min(mostTrust, trust))
          this.#keep(model, { ...habit, [which]: within })
        }
        if (isNewTurn) return 0
        return earlier + (isKept && thought > 0 ? written(true) : 0)
      },
    }
  }

  #keep(model: string, habit: Habit): void {
    this.#habits.delete(model)
    this.#habits.set(model, habit)
    if (this.#habits.size <= mostModels) return
    const [oldest] = this.#habits.keys()
    if (oldest !== undefined) this.#habits.delete(oldest)
  }
}
