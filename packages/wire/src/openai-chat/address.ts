import type { HttpRequest } from '@holdfast/core'
import { type AddressRules, isAzure } from '../request/retarget.ts'

const endings = ['/chat/completions', '/agents/completions', '/embeddings']

/** Base URLs and keys as OpenAI's SDK and its Azure client take them. */
export const address: AddressRules = {
  suffix(path, base) {
    const deployment = path.indexOf('/deployments/')
    if (deployment >= 0 && isAzure(base) && base.endsWith('/openai')) return path.slice(deployment)
    return endings.find((ending) => path.endsWith(ending)) ?? path
  },
  keyHeaders: openaiKeyHeaders,
}

/** A bearer token; Azure takes a plain key in a header of its own. */
export function openaiKeyHeaders(
  apiKey: string,
  request: HttpRequest,
  url: string,
): Record<string, string | undefined> {
  const plain = isAzure(url) || (request.url === url && request.headers.get('api-key') !== null)
  return plain
    ? { 'api-key': apiKey, authorization: undefined }
    : { authorization: `Bearer ${apiKey}`, 'api-key': undefined }
}
