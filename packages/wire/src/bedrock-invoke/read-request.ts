import type { LlmRequest } from '@holdfast/core'
import { bedrockPath } from '../endpoints/bedrock-path.ts'
import type { JsonObject } from '../json/json.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { codecOf } from './codecs.ts'

/** Reads the body of an InvokeModel request as its model's vendor means it. */
export function readRequest(body: JsonObject, source: ReadSource): LlmRequest {
  const path = bedrockPath(source.url)
  return {
    ...codecOf(body).read(body, source),
    model: path?.model ?? '',
    stream: path?.method === 'invoke-with-response-stream',
  }
}
