import { mostFound } from './engines.ts'
import type { Engine } from './engines.ts'
import type { Conversation } from './read-conversations.ts'

/** How much of the evidence an engine finds, averaged over the questions. */
export interface RecallFigures {
  readonly name: string
  readonly at5: number
  readonly at10: number
  /** One over the place of the first evidence, 0 where there is none among the first ten. */
  readonly mrr: number
}

export async function measure(
  engine: Engine,
  conversations: readonly Conversation[],
): Promise<RecallFigures> {
  const sums = { at5: 0, at10: 0, mrr: 0 }
  let questions = 0
  for (const conversation of conversations) {
    const find = await engine.open(conversation.turns)
    for (const { text, evidence } of conversation.questions) {
      const found = await find(text)
      questions++
      sums.at5 += shareOf(evidence, found.slice(0, 5))
      sums.at10 += shareOf(evidence, found.slice(0, mostFound))
      const first = found.findIndex((id) => evidence.includes(id))
      sums.mrr += first === -1 ? 0 : 1 / (first + 1)
    }
  }
  const average = (sum: number): number => (questions === 0 ? 0 : sum / questions)
  return {
    name: engine.name,
    at5: average(sums.at5),
    at10: average(sums.at10),
    mrr: average(sums.mrr),
  }
}

/** True where the one finds as much as the other by every figure. */
export function isAsGood(one: RecallFigures, other: RecallFigures): boolean {
  return one.at5 >= other.at5 && one.at10 >= other.at10 && one.mrr >= other.mrr
}

function shareOf(evidence: readonly string[], found: readonly string[]): number {
  return evidence.filter((id) => found.includes(id)).length / evidence.length
}
