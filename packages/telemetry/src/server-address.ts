import type { LlmCall } from '@holdfast/core'

/** `server.address` and `server.port` of a call. */
export interface ServerAddress {
  readonly address: string
  readonly port: number
}

/** Where a call goes to; the port is the scheme's own where the URL names none. */
export function serverAddress(call: LlmCall): ServerAddress {
  const { host } = call
  const known = cache.get(host)
  if (known !== undefined) return known
  const colon = host.lastIndexOf(':')
  // The last colon of a bare IPv6 address stands inside the brackets.
  const hasPort = colon > host.lastIndexOf(']')
  const standard = call.http.url.startsWith('http:') ? 80 : 443
  const result = hasPort
    ? { address: host.slice(0, colon), port: Number(host.slice(colon + 1)) }
    : { address: host, port: standard }
  if (cache.size >= 1_000) cache.clear()
  cache.set(host, result)
  return result
}

const cache = new Map<string, ServerAddress>()
