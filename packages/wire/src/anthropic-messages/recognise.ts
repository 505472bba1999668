import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { text } from '../json/json.ts'
import { topLevel } from '../json/top-level.ts'
import { answerLimitsOf } from '../request/answer-limits.ts'

/** Recognises POST /v1/messages and /v1/messages/count_tokens, under any host and path prefix. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const path = pathOf(request.url)
  const counting = path.endsWith('/messages/count_tokens')
  if (!counting && !path.endsWith('/v1/messages')) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  const model = text(body?.['model'])
  if (model === '' || !Array.isArray(body?.['messages'])) return undefined
  if (counting) return { operation: 'count-tokens', model, streaming: false }
  const answerLimits = answerLimitsOf(body, ['max_tokens'])
  return { operation: 'chat', model, streaming: body['stream'] === true, answerLimits }
}
