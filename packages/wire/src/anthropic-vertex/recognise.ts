import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { modelOf } from '../gemini/recognise.ts'
import { text } from '../json/json.ts'
import { topLevel } from '../json/top-level.ts'

/** Recognises Anthropic's models on Vertex AI: `models/<model>:rawPredict` and `:streamRawPredict`. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const { model, method } = modelOf(request.url)
  if (method !== 'rawPredict' && method !== 'streamRawPredict') return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  // Others' models are there too, each with its vendor's body.
  if (!Array.isArray(body?.['messages'])) return undefined
  if (model === 'count-tokens') {
    return { operation: 'count-tokens', model: text(body['model']), streaming: false }
  }
  if (body['anthropic_version'] === undefined) return undefined
  return { operation: 'chat', model, streaming: method === 'streamRawPredict' }
}
