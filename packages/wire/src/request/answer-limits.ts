import type { AnswerLimits } from '@holdfast/core'
import { object } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'

/**
 * What a request says of its answer in members of its own: the largest of `maximums`, as servers differ in which they
 * heed, and what is no count counts as if it were not there. Undefined where an object among its members may say more.
 */
export function answerLimitsOf(
  body: JsonObject,
  maximums: readonly string[],
  choices?: string,
): AnswerLimits | undefined {
  for (const name in body) if (object(body[name]) !== undefined) return undefined
  let maxTokens: number | undefined
  for (const name of maximums) {
    const count = countOf(body[name])
    if (count !== undefined && count > (maxTokens ?? 0)) maxTokens = count
  }
  return { maxTokens, choiceCount: (choices && countOf(body[choices])) || 1 }
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? Math.ceil(value) : undefined
}
