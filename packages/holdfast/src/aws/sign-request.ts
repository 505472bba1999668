import { createHash, createHmac } from 'node:crypto'
import { withHeaders } from '@holdfast/core'
import type { HttpRequest } from '@holdfast/core'
import type { AwsCredentials } from './credentials.ts'

/** What a signature is made for. */
export interface SigningScope {
  readonly credentials: AwsCredentials
  readonly region: string
  readonly service: string
  /** Names of the headers that are signed, in lower case; those that the signature itself needs come in any case. */
  readonly headers: readonly string[]
  /** When the request is signed, in milliseconds since 1970. */
  readonly atMs: number
}

const algorithm = 'AWS4-HMAC-SHA256'

/**
 * The request with a signature of version 4.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (2026-11-21)
 */
export function signRequest(request: HttpRequest, scope: SigningScope): HttpRequest {
  const { credentials, region, service } = scope
  const url = new URL(request.url)
  const body = request.body ?? ''
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const stamp = new Date(scope.atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const unsigned = withHeaders(request.headers, {
    authorization: undefined,
    host: url.host,
    'content-length': String(Buffer.byteLength(body)),
    'x-amz-date': stamp,
    'x-amz-content-sha256': bodyHash,
    'x-amz-security-token': credentials.sessionToken,
  })
  const names = new Set([...scope.headers, 'host', 'x-amz-content-sha256', 'x-amz-date'])
  if (credentials.sessionToken !== undefined) names.add('x-amz-security-token')
  const signed = [...names].filter((name) => unsigned.get(name) !== null).toSorted()
  const lines = signed.map((name) => {
    return `${name}:${unsigned.get(name)?.trim().replaceAll(/\s+/g, ' ')}\n`
  })
  const canonical = [
    request.method.toUpperCase(),
    url.pathname.split('/').map(escaped).join('/'),
    canonicalQuery(url),
    lines.join(''),
    signed.join(';'),
    bodyHash,
  ].join('\n')
  const day = stamp.slice(0, 8)
  const place = `${day}/${region}/${service}/aws4_request`
  const canonicalHash = createHash('sha256').update(canonical).digest('hex')
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (before, part) => createHmac('sha256', before).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  )
  const signature = createHmac('sha256', key)
    .update([algorithm, stamp, place, canonicalHash].join('\n'))
    .digest('hex')
  const authorization =
    `${algorithm} Credential=${credentials.accessKeyId}/${place}, ` +
    `SignedHeaders=${signed.join(';')}, Signature=${signature}`
  const { method, body: same, signal, layer } = request
  return {
    method,
    url: request.url,
    headers: withHeaders(unsigned, { authorization }),
    body: same,
    signal,
    layer,
  }
}

function canonicalQuery({ searchParams }: URL): string {
  return Array.from(searchParams, ([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join('&')
}

/** The path is escaped once more than it is in the address: every service but S3 wants it so. */
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
