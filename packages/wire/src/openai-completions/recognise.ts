import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { text } from '../json/json.ts'
import { topLevel } from '../json/top-level.ts'
import { deploymentOf } from '../openai-chat/recognise.ts'

/** Recognises /completions and Mistral's /fim/completions, under any host and path prefix. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const path = pathOf(request.url)
  if (!path.endsWith('/completions')) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  const model = text(body?.['model']) || deploymentOf(path)
  if (body === undefined || model === '' || !isPrompt(body['prompt'])) return undefined
  return { operation: 'chat', model, streaming: body['stream'] === true }
}

function isPrompt(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value)
}
