import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { text } from '../json/json.ts'
import { topLevel } from '../json/top-level.ts'

const inputs = ['texts', 'inputs', 'images']

/** Recognises POST /v2/chat and /v2/embed, under any host and path prefix. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const path = pathOf(request.url)
  const embed = path.endsWith('/v2/embed')
  if (!embed && !path.endsWith('/v2/chat')) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  const model = text(body?.['model'])
  if (body === undefined || model === '') return undefined
  if (embed) {
    const given = inputs.some((name) => Array.isArray(body[name]))
    return given ? { operation: 'embeddings', model, streaming: false } : undefined
  }
  if (!Array.isArray(body['messages'])) return undefined
  return { operation: 'chat', model, streaming: body['stream'] === true }
}
