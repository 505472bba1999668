import { HoldfastError } from '@holdfast/core'
import type { AnswerIssue } from './options.ts'

/** No answer of the model was good enough. */
export class ReplyRejectedError extends HoldfastError {
  /** What is wrong with the last one. They are the schema's or the function's own words. */
  readonly issues: readonly AnswerIssue[]
  /** Answers that were looked at. */
  readonly answers: number

  constructor(model: string, issues: readonly AnswerIssue[], answers: number, by = 'validation') {
    const places = issues.flatMap(({ path = [] }) => (path.length === 0 ? [] : [path.join('.')]))
    const where = places.length === 0 ? '' : ` at ${[...new Set(places)].slice(0, 10).join(', ')}`
    const times = answers === 1 ? 'the answer' : `${answers} answers`
    super(
      'REPLY_REJECTED',
      `governance.${by}: ${times} of ${model} did not pass; ${issues.length} ${issues.length === 1 ? 'thing is' : 'things are'} wrong${where}`,
    )
    this.issues = issues
    this.answers = answers
  }
}
