import type { HttpRequest } from '@holdfast/core'
import { knownProvider } from '@holdfast/wire'

/** True where a changed request has to be signed before it goes out. */
export function needsSignature({ headers, url }: HttpRequest): boolean {
  const authorization = headers.get('authorization')
  return authorization === null
    ? knownProvider(url) === 'aws.bedrock'
    : authorization.startsWith('AWS4-')
}
