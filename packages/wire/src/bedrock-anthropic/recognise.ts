import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { recognise as recogniseInvoke } from '../bedrock-invoke/recognise.ts'
import { topLevel } from '../json/top-level.ts'

/** Recognises InvokeModel requests whose body is Anthropic's. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const facts = recogniseInvoke(request)
  if (facts?.operation !== 'chat' || request.body === undefined) return undefined
  const body = topLevel(request.body)
  const isOurs = body?.['anthropic_version'] !== undefined && Array.isArray(body['messages'])
  return isOurs ? facts : undefined
}
