import type { HttpRequest, Target } from '@holdfast/core'
import { withHeaders } from '@holdfast/core'
import { knownProvider } from '../endpoints/provider.ts'
import { type AddressRules, retargetWith } from '../request/retarget.ts'

const unsigned = {
  'x-amz-date': undefined,
  'x-amz-security-token': undefined,
  'x-amz-content-sha256': undefined,
  'amz-sdk-invocation-id': undefined,
}

/** Base URLs and keys as the AWS SDK takes them: the host alone, and a bearer token. */
const rules: AddressRules = {
  suffix: (path) => path.slice(path.lastIndexOf('/model/')),
  keyHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}`, ...unsigned }),
}

const move = retargetWith(rules)

/**
 * `retarget` of Bedrock's formats. A signature is no key: within AWS it stays, to be made anew for the new address.
 * Elsewhere it goes, and what is secret beside it.
 */
export function retargetBedrock(http: HttpRequest, target: Target): HttpRequest {
  const { baseUrl, apiKey } = target
  const stays = baseUrl !== undefined && apiKey === undefined && isBedrock(baseUrl)
  const moved = move(http, stays ? { ...target, keepKey: true } : target)
  if (moved.headers.get('authorization') !== null) return moved
  return { ...moved, headers: withHeaders(moved.headers, unsigned) }
}

function isBedrock(url: string): boolean {
  return knownProvider(url) === 'aws.bedrock'
}
