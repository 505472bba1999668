import type { HttpRequest } from '@holdfast/core'
import { dress } from '../fetch/response-dress.ts'
import { fetchFailed } from './failures.ts'
import { headerOf } from './raw-headers.ts'

/** The next call of a request that was sent elsewhere. */
export interface Onward {
  readonly url: string
  readonly init: RequestInit
  readonly isElsewhere: boolean
}

// https://fetch.spec.whatwg.org/#http-redirect-fetch (2026-11-21)
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const ofBody: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'content-length',
])
const ofOrigin: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'host',
])

/**
 * What fetch would call next, given this answer; undefined where this answer is the last.
 * @throws as fetch would, where the answer leads nowhere
 */
export function onwardFrom(
  { status, rawHeaders }: { readonly status: number; readonly rawHeaders: readonly string[] },
  sent: HttpRequest,
): Onward | undefined {
  const location = redirects.has(status) ? headerOf(rawHeaders, 'location') : undefined
  if (location === undefined) return undefined
  const from = new URL(sent.url)
  const url = urlFrom(location, from)
  if (url.hash === '') url.hash = from.hash
  const { method, body } = sent
  const becomesGet =
    ((status === 301 || status === 302) && method === 'POST') ||
    (status === 303 && method !== 'GET' && method !== 'HEAD')
  const isElsewhere = url.origin !== from.origin
  const headers = [...sent.headers.entries()].filter(
    ([name]) => !(becomesGet && ofBody.has(name)) && !(isElsewhere && ofOrigin.has(name)),
  )
  const init: RequestInit = { method: becomesGet ? 'GET' : method, headers }
  if (!becomesGet && body !== undefined) init.body = body as NonNullable<RequestInit['body']>
  if (sent.signal !== undefined) init.signal = sent.signal
  return { url: url.href, init, isElsewhere }
}

function urlFrom(location: string, from: URL): URL {
  let url: URL
  try {
    url = new URL(Buffer.from(location, 'latin1').toString(), from)
  } catch (error) {
    throw fetchFailed(error)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw fetchFailed(new Error('URL scheme must be a HTTP(S) scheme'))
  }
  if (url.origin !== from.origin && (url.username !== '' || url.password !== '')) {
    throw fetchFailed(new Error('cross origin not allowed for request mode "cors"'))
  }
  return url
}

/** Lets a native response say that it came by way of another address. */
export function redirected(native: Response, { isElsewhere }: Onward): Response {
  const { url, headers } = native
  const head = { url, type: isElsewhere ? 'cors' : native.type, headers, redirected: true } as const
  return dress(native, { body: undefined, head, signal: undefined, reader: undefined })
}
