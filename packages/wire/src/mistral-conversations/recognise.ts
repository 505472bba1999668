import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { text } from '../json/json.ts'
import { topLevel } from '../json/top-level.ts'

/**
 * Recognises POST /v1/conversations with inputs: a conversation that begins. What goes on with one is left alone, for
 * the conversation is on the server, and a request sent twice would be two turns of it.
 */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  if (!pathOf(request.url).endsWith('/v1/conversations')) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  const model = text(body?.['model']) || text(body?.['agent_id'])
  const inputs = body?.['inputs']
  if (model === '' || (typeof inputs !== 'string' && !Array.isArray(inputs))) return undefined
  return { operation: 'chat', model, streaming: body?.['stream'] === true }
}
