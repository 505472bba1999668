import type { LlmRequest } from '@holdfast/core'
import { readRequest as readMessages } from '../anthropic-messages/read-request.ts'
import { modelOf } from '../gemini/recognise.ts'
import type { JsonObject } from '../json/json.ts'
import type { ReadSource } from '../request/request-codec.ts'

/** Reads a body of the Messages API whose model and streaming stand in the address. */
export function readRequest(body: JsonObject, source: ReadSource): LlmRequest {
  const request = readMessages(body, source)
  if (source.operation !== 'chat') return request
  const { model, method } = modelOf(source.url)
  return { ...request, model, stream: method === 'streamRawPredict' }
}
