import type { Usage } from '@holdfast/core'
import type { JsonObject } from '../json/json.ts'
import { usageOf } from '../reply/events.ts'

/** Token counts of an embeddings answer; only Titan's are in the body. */
export function countsOf(body: JsonObject): Usage | undefined {
  return usageOf({
    inputTokens: body['inputTextTokenCount'],
    outputTokens: undefined,
    cachedInputTokens: undefined,
    cacheWriteTokens: undefined,
    reasoningTokens: undefined,
  })
}
