import type { HttpRequest } from '@holdfast/core'
import type { AwsCredentials, AwsOptions } from './credentials.ts'
import { environmentCredentials } from './credentials.ts'
import { signRequest } from './sign-request.ts'

/** A request that was changed on its way, and what is known of the one that the application signed. */
export interface ChangedRequest {
  readonly request: HttpRequest
  readonly original: HttpRequest
  /** How long ago the application signed its own. */
  readonly elapsedMs: number
}

/** The request with a signature that fits it; undefined where the credentials for it are not at hand. */
export async function signAgain(
  { request, original, elapsedMs }: ChangedRequest,
  options: AwsOptions | undefined,
): Promise<HttpRequest | undefined> {
  const before = signatureOf(request) ?? signatureOf(original)
  // Another kind of signature, over several regions, is left to those who made it.
  if (before === undefined && request.headers.get('authorization') !== null) return undefined
  const credentials = await credentialsFor(before?.accessKeyId, options)
  const region = regionOf(request.url) ?? before?.region
  if (credentials === undefined || region === undefined) return undefined
  // The SDK sets its clock right by the server's answers: its own time counts, not this machine's.
  const signedAtMs = dateOf(original.headers.get('x-amz-date'))
  return signRequest(request, {
    credentials,
    region,
    service: before?.service ?? 'bedrock',
    headers: before?.headers ?? ['content-type'],
    atMs: signedAtMs === undefined ? Date.now() : signedAtMs + elapsedMs,
  })
}

/** Nobody else's name is put under a request: the environment counts where the same key signed it before. */
async function credentialsFor(
  accessKeyId: string | undefined,
  options: AwsOptions | undefined,
): Promise<AwsCredentials | undefined> {
  if (options !== undefined) return await options.credentials()
  const found = environmentCredentials()
  return accessKeyId === undefined || found?.accessKeyId === accessKeyId ? found : undefined
}

interface Signature {
  readonly accessKeyId: string
  readonly region: string
  readonly service: string
  readonly headers: readonly string[]
}

function signatureOf({ headers }: HttpRequest): Signature | undefined {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+)/.exec(
      headers.get('authorization') ?? '',
    )
  if (found === null) return undefined
  const [, accessKeyId = '', region = '', service = '', signed = ''] = found
  return { accessKeyId, region, service, headers: signed.split(';') }
}

function regionOf(url: string): string | undefined {
  return /^https?:\/\/(?:[\w-]+\.)?bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?(?:amazonaws|api\.aws)/.exec(
    url,
  )?.[1]
}

/** 20261121T120000Z */
function dateOf(stamp: string | null): number | undefined {
  if (stamp === null) return undefined
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? []
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(atMs) ? undefined : atMs
}
