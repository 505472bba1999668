import type { Usage } from '@holdfast/core'
import type { JsonObject } from '../json/json.ts'
import { responsesUsage } from './read-reply.ts'

/** The answer of a token count: the counts stand in the body itself. */
export function countsOf(body: JsonObject): Usage | undefined {
  return responsesUsage(body)
}
