import type { LookupFunction } from 'node:net'
import { checkedForCall } from '../../gate/function/addresses.ts'
import { checkedAddresses, inspectUrl, type UrlOptions } from './url.ts'

/**
 * A lookup for `new Agent({ connect: { lookup } })` of undici and for `new http.Agent({ lookup })`.
 * The name is looked up once, every address is checked, and the connection goes to one of these and nowhere else.
 */
export function guardedLookup(options: UrlOptions = {}): LookupFunction {
  return function guardedLookup(hostname, lookupOptions, callback) {
    // For a tool call that was decided about, the name was looked up then.
    const known = checkedForCall(hostname)
    const found =
      known === undefined
        ? checkedAddresses(hostname.toLowerCase(), options)
        : Promise.resolve(known)
    found.then(
      (addresses) => {
        const fitting = addresses.filter(({ family }) => {
          const wanted =
            lookupOptions.family === 'IPv4'
              ? 4
              : lookupOptions.family === 'IPv6'
                ? 6
                : lookupOptions.family
          return wanted === undefined || wanted === 0 || wanted === family
        })
        const [first] = fitting
        if (first === undefined)
          callback(new Error(`${hostname} has no address of that family`), '')
        else if (lookupOptions.all === true)
          callback(
            null,
            fitting.map(({ address, family }) => ({ address, family })),
          )
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), ''),
    )
  }
}

/** A URL on the way of a request was refused. */
export class UrlRefusedError extends Error {
  override readonly name: string = 'UrlRefusedError'
}

/** What a guarded fetch is made of. */
export interface GuardedFetchOptions extends UrlOptions {
  /** Sends one request over connections that use the given lookup, without following redirects. */
  readonly send: (url: string, init: RequestInit & { redirect: 'manual' }) => Promise<Response>
  /** @default 5 */
  readonly maxRedirects?: number
}

/**
 * A fetch that checks its URL and that of every redirect.
 * `send` must connect through {@link guardedLookup}, so that the checked address is the one that is used.
 */
export function guardedFetch(
  options: GuardedFetchOptions,
): (url: string, init?: RequestInit) => Promise<Response> {
  return async function guardedFetch(input, init = {}) {
    let url = input
    let request: RequestInit = init
    for (let hop = 0; hop <= (options.maxRedirects ?? 5); hop++) {
      const decision = inspectUrl(url, options)
      if (decision.decision !== 'allow') throw new UrlRefusedError(decision.reason)
      const response = await options.send(url, { ...request, redirect: 'manual' })
      const location = response.headers.get('location')
      if (
        response.status < 300 ||
        response.status > 399 ||
        response.status === 304 ||
        location === null
      )
        return response
      await response.body?.cancel()
      const next = new URL(location, url)
      request = redirected(request, response.status, next.origin === new URL(url).origin)
      url = next.href
    }
    throw new UrlRefusedError(`More than ${options.maxRedirects ?? 5} redirects.`)
  }
}

/** What a request becomes on its way on: a POST becomes a GET, and another host gets no credentials. */
function redirected(request: RequestInit, status: number, sameOrigin: boolean): RequestInit {
  const headers = new Headers(request.headers)
  if (!sameOrigin)
    for (const name of ['authorization', 'cookie', 'proxy-authorization', 'x-api-key'])
      headers.delete(name)
  const method = (request.method ?? 'GET').toUpperCase()
  const becomesGet =
    status === 303 ? method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST'
  if (!becomesGet) return { ...request, headers }
  const { body: _dropped, ...rest } = request
  for (const name of ['content-type', 'content-length', 'content-encoding']) headers.delete(name)
  return { ...rest, method: 'GET', headers }
}
