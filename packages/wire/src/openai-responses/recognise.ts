import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { object, text } from '../json/json.ts'
import { topLevel } from '../json/top-level.ts'
import { answerLimitsOf } from '../request/answer-limits.ts'

/** Recognises POST /responses and its token count, under any host and path prefix. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const path = pathOf(request.url)
  const counting = path.endsWith('/responses/input_tokens')
  if (!counting && !path.endsWith('/responses')) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  if (body === undefined) return undefined
  const model = text(body['model'])
  // A stored prompt may bring model and input with it. Other services have a path of this name too.
  const input = body['input']
  const asks = typeof input === 'string' || Array.isArray(input) || 'previous_response_id' in body
  if (object(body['prompt']) === undefined && !(model !== '' && asks)) return undefined
  if (counting) return { operation: 'count-tokens', model, streaming: false }
  const answerLimits = answerLimitsOf(body, ['max_output_tokens'])
  return { operation: 'chat', model, streaming: body['stream'] === true, answerLimits }
}
