import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { bedrockPath } from '../endpoints/bedrock-path.ts'
import { topLevel } from '../json/top-level.ts'

/** Recognises POST /model/<model>/invoke and invoke-with-response-stream, under any host and path prefix. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const path = bedrockPath(request.url)
  const streaming = path?.method === 'invoke-with-response-stream'
  if (path === undefined || (!streaming && path.method !== 'invoke')) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  if (body === undefined || path.model.includes('rerank')) return undefined
  // No body says what it asks for; the models' names do.
  const operation = path.model.includes('embed') ? 'embeddings' : 'chat'
  return { operation, model: path.model, streaming }
}
