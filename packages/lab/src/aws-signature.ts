import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** What AWS answers to a signature that does not fit; undefined for one that does, or where there is none. */
export function signatureProblem(
  message: IncomingMessage,
  body: string,
  secrets: Readonly<Record<string, string>>,
): { readonly type: string; readonly message: string } | undefined {
  const { authorization = '' } = message.headers
  if (authorization.startsWith('Bearer ')) return undefined
  const [, keyId = '', scope = '', signed = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
      authorization,
    ) ?? []
  if (signature === undefined) {
    return { type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' }
  }
  const secret = secrets[keyId]
  if (secret === undefined) {
    return {
      type: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    }
  }
  return signatureOf(message, body, { scope, signed, secret }) === signature
    ? undefined
    : {
        type: 'InvalidSignatureException',
        message:
          'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      }
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (2026-11-21)
function signatureOf(
  message: IncomingMessage,
  body: string,
  { scope, signed, secret }: { scope: string; signed: string; secret: string },
): string {
  const { headers, method = '', url = '/' } = message
  const { pathname, searchParams } = new URL(url, 'http://lab')
  const path = pathname
    .split('/')
    .map((segment) => escaped(segment))
    .join('/')
  const query = Array.from(searchParams, ([name, value]) => `${escaped(name)}=${escaped(value)}`)
  const lines = signed
    .split(';')
    .map((name) => `${name}:${String(headers[name]).trim().replaceAll(/\s+/g, ' ')}\n`)
  const request = [
    method,
    path,
    query.toSorted().join('&'),
    lines.join(''),
    signed,
    hashed(body),
  ].join('\n')
  const date = String(headers['x-amz-date'])
  const text = ['AWS4-HMAC-SHA256', date, scope, hashed(request)].join('\n')
  let key: string | Buffer = `AWS4${secret}`
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(text).digest('hex')
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  })
}
