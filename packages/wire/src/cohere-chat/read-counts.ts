import type { Usage } from '@holdfast/core'
import { type JsonObject, object } from '../json/json.ts'
import { cohereUsage } from './read-reply.ts'

/** Token counts of an embeddings answer. */
export function countsOf(body: JsonObject): Usage | undefined {
  const meta = object(body['meta'])
  return meta && cohereUsage(meta)
}
