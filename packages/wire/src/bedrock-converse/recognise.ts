import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { bedrockPath } from '../endpoints/bedrock-path.ts'
import { topLevel } from '../json/top-level.ts'

/** Recognises POST /model/<model>/converse and converse-stream, under any host and path prefix. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const path = bedrockPath(request.url)
  if (path?.method !== 'converse' && path?.method !== 'converse-stream') return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  if (body === undefined) return undefined
  // A managed prompt brings its own messages; its body may be empty.
  if (!Array.isArray(body['messages']) && !path.model.includes(':prompt/')) return undefined
  return { operation: 'chat', model: path.model, streaming: path.method === 'converse-stream' }
}
