import type { HttpRequest } from '@holdfast/core'
import { wire } from '../wire.ts'

/** True where a changed request has to be signed before it goes out. */
export function needsSignature({ headers, url }: HttpRequest): boolean {
  const authorization = headers.get('authorization')
  return authorization === null
    ? wire().knownProvider(url) === 'aws.bedrock'
    : authorization.startsWith('AWS4-')
}
