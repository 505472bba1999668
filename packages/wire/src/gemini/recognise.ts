import type { HttpRequest, Operation, RequestFacts } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { topLevel } from '../json/top-level.ts'

const operations: Readonly<Record<string, Operation>> = {
  generateContent: 'chat',
  streamGenerateContent: 'chat',
  countTokens: 'count-tokens',
  embedContent: 'embeddings',
  batchEmbedContents: 'embeddings',
}

const bodyMembers = ['contents', 'content', 'requests', 'generateContentRequest']

/** Recognises Gemini's and Vertex AI's `models/<model>:<method>`, under any host and path prefix. */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const { model, method } = modelOf(request.url)
  const operation = Object.hasOwn(operations, method) ? operations[method] : undefined
  if (operation === undefined) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  if (body === undefined || !bodyMembers.some((name) => name in body)) return undefined
  return { operation, model, streaming: method === 'streamGenerateContent' }
}

/** Model and method out of the address. */
export function modelOf(url: string): { readonly model: string; readonly method: string } {
  const path = pathOf(url)
  const colon = path.lastIndexOf(':')
  if (colon < 0) return { model: '', method: '' }
  const model = path.slice(path.lastIndexOf('/', colon) + 1, colon)
  return { model: decoded(model), method: path.slice(colon + 1) }
}

function decoded(source: string): string {
  try {
    return decodeURIComponent(source)
  } catch {
    return source
  }
}
