import type { Usage } from '@holdfast/core'
import { type JsonObject, list, number, object } from '../json/json.ts'
import { usageOf } from '../reply/events.ts'
import { geminiUsage } from './read-reply.ts'

/** Token counts of an answer that is no message: a token count, or embeddings (Vertex AI counts each). */
export function countsOf(body: JsonObject): Usage | undefined {
  if (number(body['totalTokens']) !== undefined) {
    return usageOf({
      inputTokens: body['totalTokens'],
      cachedInputTokens: body['cachedContentTokenCount'],
    })
  }
  const usage = object(body['usageMetadata'])
  if (usage !== undefined) return geminiUsage(usage)
  let inputTokens: number | undefined
  for (const embedding of [body['embedding'], ...list(body['embeddings'])]) {
    const count = number(object(object(embedding)?.['statistics'])?.['token_count'])
    if (count !== undefined) inputTokens = (inputTokens ?? 0) + count
  }
  return usageOf({ inputTokens })
}
