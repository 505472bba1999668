import type { Usage } from '@holdfast/core'
import type { JsonObject } from '../json/json.ts'
import { ollamaUsage } from './read-reply.ts'

/** Token counts of an embeddings answer. */
export function countsOf(body: JsonObject): Usage | undefined {
  return ollamaUsage(body)
}
