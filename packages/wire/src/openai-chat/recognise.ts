import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { text } from '../json/json.ts'
import { topLevel } from '../json/top-level.ts'
import { answerLimitsOf } from '../request/answer-limits.ts'

/** Recognises /chat/completions and /embeddings, under any host and path prefix. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const path = pathOf(request.url)
  const embeddings = path.endsWith('/embeddings')
  const agent = path.endsWith('/agents/completions')
  if (!embeddings && !agent && !path.endsWith('/chat/completions')) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  if (body === undefined) return undefined
  const model = text(body['model']) || text(body['agent_id']) || deploymentOf(path)
  if (embeddings) {
    if (body['input'] === undefined || model === '') return undefined
    return { operation: 'embeddings', model, streaming: false }
  }
  if (!Array.isArray(body['messages'])) return undefined
  const answerLimits = answerLimitsOf(body, ['max_tokens', 'max_completion_tokens'], 'n')
  return { operation: 'chat', model, streaming: body['stream'] === true, answerLimits }
}

/** Azure names the model in the path: /openai/deployments/<name>/chat/completions. */
export function deploymentOf(path: string): string {
  const found = /\/deployments\/([^/]+)\//.exec(path)?.[1] ?? ''
  try {
    return decodeURIComponent(found)
  } catch {
    return found
  }
}
