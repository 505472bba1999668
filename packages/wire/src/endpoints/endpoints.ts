import { pathEnd } from './path.ts'

/** What the path of a model call ends with, by its last letter: most requests are done with after one comparison. */
const endings: Readonly<Record<string, readonly string[]>> = {
  d: ['/v2/embed', '/api/embed'],
  e: ['/converse', '/invoke', '/api/generate'],
  m: ['/converse-stream', '/invoke-with-response-stream'],
  s: [
    '/completions',
    '/responses',
    '/v1/messages',
    '/messages/count_tokens',
    '/embeddings',
    '/v1/conversations',
    '/responses/input_tokens',
    ':countTokens',
    ':batchEmbedContents',
  ],
  t: [
    ':generateContent',
    ':streamGenerateContent',
    ':embedContent',
    '/v2/chat',
    '/api/chat',
    ':rawPredict',
    ':streamRawPredict',
  ],
}

/**
 * True when an exchange may be a model call in a format that is known here, whatever its host: the body decides.
 * Cheap enough to be asked for every request of the process.
 */
export function mayBeModelCall(method: string, url: string): boolean {
  if (method !== 'POST' && method.toUpperCase() !== 'POST') return false
  const end = pathEnd(url)
  const suffixes = endings[url.charAt(end - 1)]
  if (suffixes === undefined) return false
  for (const suffix of suffixes) {
    if (url.startsWith(suffix, end - suffix.length)) return true
  }
  return false
}
