import { pathEnd } from './path.ts'

const afterSlash = [
  '/chat/completions',
  '/agents/completions',
  '/responses',
  '/responses/input_tokens',
  '/v1/messages',
  '/messages/count_tokens',
  '/embeddings',
] as const

const afterColon = [
  ':generateContent',
  ':streamGenerateContent',
  ':countTokens',
  ':embedContent',
  ':batchEmbedContents',
] as const

/**
 * True when an exchange may be a model call in a format that is known here, whatever its host: the body decides.
 * Cheap enough to be asked for every request of the process.
 */
export function mayBeModelCall(method: string, url: string): boolean {
  if (method !== 'POST' && method.toUpperCase() !== 'POST') return false
  const end = pathEnd(url)
  // Every known path ends in one of two letters.
  const last = url.charCodeAt(end - 1)
  if (last === s) return endsAt(url, end, afterSlash) || endsAt(url, end, afterColon)
  return last === t && endsAt(url, end, afterColon)
}

const s = 115
const t = 116

function endsAt(url: string, end: number, suffixes: readonly string[]): boolean {
  for (const suffix of suffixes) {
    if (url.startsWith(suffix, end - suffix.length)) return true
  }
  return false
}
