import type { ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import type { JsonObject } from '../json/json.ts'
import type { ReplyParser } from './reply-parser.ts'

/** Finds the token counts of an answer, where it has any. */
export type CountsOf = (body: JsonObject) => Usage | undefined

/** Reads answers of which only the token counts matter: embeddings and token counting. */
export class UsageParser implements ReplyParser {
  readonly #usageOf: CountsOf
  complete = false

  constructor(usageOf: CountsOf) {
    this.#usageOf = usageOf
  }

  event(value: JsonObject, _name: string, out: ReplyEvent[]): void {
    this.whole(value, out)
  }

  whole(value: JsonObject, out: ReplyEvent[]): string | undefined {
    if (value['error'] !== undefined && value['error'] !== null) {
      out.push({ type: 'error', failure: failureOf(value) })
      return undefined
    }
    const usage = this.#usageOf(value)
    if (usage !== undefined) out.push({ type: 'usage', usage })
    this.complete = true
    return undefined
  }
}
