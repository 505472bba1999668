import type { RequestOptions } from 'node:http'
import type { HttpRequest } from '@holdfast/core'
import { claimedSymbol } from '../hold.ts'
import { offersHttp2 } from './plain-process.ts'
import { ownAgent } from './own-agent.ts'

/** What of a URL is needed to call it. */
export interface Place {
  /** In full. */
  readonly href: string
  /** As a response tells it. */
  readonly url: string
  readonly isSecure: boolean
  readonly options: RequestOptions
  readonly host: string
  readonly acceptEncoding: string
}

/** Where a URL leads, or undefined where fetch is to say what it thinks of it. */
export function placeOf(url: string): Place | undefined {
  if (places.has(url)) return places.get(url)
  const place = read(url)
  if (places.size >= maxPlaces) places.clear()
  places.set(url, place)
  return place
}

// A process calls few endpoints; one that puts ids into URLs must not fill memory.
const maxPlaces = 100
const places = new Map<string, Place | undefined>()

function read(text: string): Place | undefined {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || isBadPort(url.port)) {
    return undefined
  }
  const isSecure = url.protocol === 'https:'
  if (!isSecure && url.protocol !== 'http:') return undefined
  // Where fetch speaks HTTP/2 to whoever can, its calls share a connection that node:https could not give them.
  if (isSecure && offersHttp2) return undefined
  const { hostname, host, pathname, search } = url
  const { href } = url
  url.hash = ''
  const path = url.href.endsWith('?') ? `${pathname}?` : pathname + search
  return {
    href,
    url: url.href,
    isSecure,
    host,
    options: {
      protocol: url.protocol,
      host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
      port: url.port === '' ? (isSecure ? 443 : 80) : url.port,
      path,
    },
    // As measured on Node 22 and 24; with TLS there are no proxies that would break brotli.
    acceptEncoding: isSecure ? 'br, gzip, deflate' : 'gzip, deflate',
  }
}

// https://fetch.spec.whatwg.org/#port-blocking (2026-11-21): these, and many below 1024.
const badPorts: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
  6679, 6697, 10_080,
])

function isBadPort(text: string): boolean {
  if (text === '') return false
  const port = Number(text)
  return (port < 1024 && port !== 80 && port !== 443) || badPorts.has(port)
}

/** What node:http needs for a request, or undefined where fetch would do more than send it. */
export function planOf(sent: HttpRequest, place: Place): RequestOptions | undefined {
  const { method, body } = sent
  if (!methods.has(method)) return undefined
  const takesBody = method === 'POST' || method === 'PUT' || method === 'PATCH'
  const bytes = body === undefined ? undefined : Buffer.byteLength(body)
  if (bytes !== undefined && (bytes === 0 || !takesBody)) return undefined
  const headers = headersFor(sent, place, bytes ?? (takesBody ? 0 : undefined))
  if (headers === undefined) return undefined
  return {
    ...place.options,
    method,
    headers,
    setHost: false,
    agent: ownAgent(place.isSecure),
    [claimedSymbol]: true,
  } as RequestOptions
}

// Not HEAD, for which undici opens a connection of its own.
const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

// Headers that mean something to fetch, or that undici refuses.
const special: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'range',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'if-match',
  'if-range',
  'sec-fetch-mode',
])

/** The headers that fetch would send: the caller's, and those that it adds. */
function headersFor(
  sent: HttpRequest,
  { host, acceptEncoding }: Place,
  bytes: number | undefined,
): string[] | undefined {
  const list = ['host', host, 'connection', 'keep-alive']
  let accept = true
  let language = true
  let agent = true
  let encoding = true
  for (const [name, value] of sent.headers.entries()) {
    if (name === 'accept') accept = false
    else if (name === 'accept-language') language = false
    else if (name === 'user-agent') agent = false
    else if (name === 'accept-encoding') encoding = false
    else if (name === 'content-length') {
      if (value !== String(bytes)) return undefined
      continue
    } else if (name === 'connection' && value === 'keep-alive') continue
    else if (special.has(name)) return undefined
    if (!isAscii.test(value)) return undefined
    list.push(name, value)
  }
  if (accept) list.push('accept', '*/*')
  if (language) list.push('accept-language', '*')
  list.push('sec-fetch-mode', 'cors')
  if (agent) list.push('user-agent', 'node')
  if (encoding) list.push('accept-encoding', acceptEncoding)
  if (bytes !== undefined) list.push('content-length', String(bytes))
  return list
}

// Others would depend on how the body is written.
const isAscii = /^[\t\x20-\x7e]*$/
