import type { Usage } from '@holdfast/core'
import { type JsonObject, object } from '../json/json.ts'
import { chatUsage } from './read-reply.ts'

/** Token counts of an embeddings answer. */
export function countsOf(body: JsonObject): Usage | undefined {
  const usage = object(body['usage'])
  return usage && chatUsage(usage)
}
