import type { AnswerLimits } from '@holdfast/core'

/** What a request says of its answer, from the members that say it; what is no count counts as if it were not there. */
export function answerLimitsOf(maxTokens: unknown, choices?: unknown): AnswerLimits {
  return { maxTokens: countOf(maxTokens), choiceCount: countOf(choices) ?? 1 }
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? Math.ceil(value) : undefined
}
