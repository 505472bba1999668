import type { HttpRequest, RequestFacts } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import { type JsonObject, text } from '../json/json.ts'
import { topLevel } from '../json/top-level.ts'

// https://github.com/ollama/ollama/blob/main/docs/api.md (2026-11-21)
const everywhere = ['model', 'options', 'keep_alive']
const generating = ['stream', 'format', 'think', 'logprobs', 'top_logprobs', 'truncate', 'shift']
const prompting = [
  'prompt',
  'suffix',
  'images',
  'system',
  'template',
  'context',
  'raw',
  'width',
  'height',
  'steps',
]
const members: Readonly<Record<string, ReadonlySet<string>>> = {
  '/api/chat': new Set([...everywhere, ...generating, 'messages', 'tools']),
  '/api/generate': new Set([...everywhere, ...generating, ...prompting]),
  '/api/embed': new Set([...everywhere, 'input', 'truncate', 'dimensions']),
}

/**
 * Recognises POST /api/chat, /api/generate and /api/embed. Many an application has a path of that name itself: what
 * holds a member that Ollama has not is not meant for it.
 */
export function recognise(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RequestFacts | undefined {
  const path = pathOf(request.url)
  const endpoint = path.slice(path.lastIndexOf('/', path.lastIndexOf('/') - 1))
  const known = Object.hasOwn(members, endpoint) ? members[endpoint] : undefined
  if (known === undefined) return undefined
  const body = request.body === undefined ? undefined : topLevel(request.body)
  const model = text(body?.['model'])
  if (body === undefined || model === '') return undefined
  if (Object.keys(body).some((name) => !known.has(name))) return undefined
  if (endpoint === '/api/embed') {
    return body['input'] === undefined
      ? undefined
      : { operation: 'embeddings', model, streaming: false }
  }
  const asked = endpoint === '/api/chat' ? isChat(body) : typeof body['prompt'] === 'string'
  return asked ? { operation: 'chat', model, streaming: body['stream'] !== false } : undefined
}

function isChat(body: JsonObject): boolean {
  return Array.isArray(body['messages'])
}
