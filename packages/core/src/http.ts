/** Header lookup and listing; the `Headers` of fetch satisfies it. Names are case-insensitive, listed in lower case. */
export interface HttpHeaders {
  get(name: string): string | null
  entries(): Iterable<[string, string]>
}

/** Which of the process's HTTP stacks the application used. */
export type HttpLayer = 'fetch' | 'undici' | 'http' | 'http2'

/** One HTTP request, as the application made it or as Holdfast changed it. */
export interface HttpRequest {
  readonly method: string
  /** Absolute, with query. */
  readonly url: string
  readonly headers: HttpHeaders
  /** Whole: a one-shot body was read before the request got here. */
  readonly body: string | Uint8Array | undefined
  /** The caller's own signal. */
  readonly signal: AbortSignal | undefined
  readonly layer: HttpLayer
}

/** The bytes of a response, pulled: nothing is read ahead of the reader. */
export interface HttpBody {
  /** The next bytes as they came from the network (content-encoding undone), or undefined at the end. */
  read(): Promise<Uint8Array | undefined>
  /** All bytes that are left, in one piece. The cheapest way to read a whole answer. */
  readAll(): Promise<Uint8Array>
  /** Ends the transfer; nothing more is read. Never rejects. */
  cancel(reason?: unknown): Promise<void>
}

/** One HTTP response, from the network or made by Holdfast. */
export interface HttpResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: HttpHeaders
  /** Undefined where HTTP allows no body (HEAD, 204, 304). */
  readonly body: HttpBody | undefined
  /** The network response that this one was made from: its url, type and headers identity are kept. */
  readonly from?: HttpResponse
}

/** What a transport tells about a request under way, where its stack can tell. */
export interface TransportProgress {
  /** A new connection is being opened for the request. */
  connecting?(): void
  /** The request is on a connection; on one that had been used before where `connecting` was not told. */
  sent?(): void
}

/** Sends one request upstream. May be called again for another attempt, at once or later. */
export type Transport = (
  request: HttpRequest,
  progress?: TransportProgress,
) => Promise<HttpResponse>

/** Takes over the HTTP exchanges that are model calls. */
export interface HttpHandler {
  /** Methods that `claims` may say yes to, in upper case; requests of another are not asked about. @default all */
  readonly methods?: readonly string[]
  /** Cheap and synchronous: true when this exchange may be a model call and `handle` wants it. */
  claims(method: string, url: string): boolean
  /**
   * Answers the exchange. `transport` sends on the path the application chose.
   * Returning the transport's response as it came hands the application what it would have had without Holdfast.
   * An error thrown reaches the application as a failed request, as the very same object.
   */
  handle(request: HttpRequest, transport: Transport): Promise<HttpResponse>
}

/** Headers from plain pairs, for responses and requests that Holdfast makes. */
export function httpHeaders(
  pairs: Iterable<readonly [string, string]> | Record<string, string> = {},
): HttpHeaders {
  const map = new Map<string, string>()
  const list = Symbol.iterator in pairs ? pairs : Object.entries(pairs)
  for (const [name, value] of list) {
    const key = name.toLowerCase()
    const before = map.get(key)
    map.set(key, before === undefined ? value : `${before}, ${value}`)
  }
  return { get: (name) => map.get(name.toLowerCase()) ?? null, entries: () => map.entries() }
}

/** The same headers with some replaced, or removed where the value is undefined. */
export function withHeaders(
  headers: HttpHeaders,
  changes: Record<string, string | undefined>,
): HttpHeaders {
  const named = Object.entries(changes)
  // To list them costs more than to ask for those that are to go, which mostly are not there.
  const asIs = named.every(([name, value]) => value === undefined && headers.get(name) === null)
  if (asIs) return headers
  const map = new Map<string, string>(headers.entries())
  for (const [name, value] of named) {
    if (value === undefined) map.delete(name.toLowerCase())
    else map.set(name.toLowerCase(), value)
  }
  return httpHeaders(map)
}

/** A body that is already here. */
export function bytesBody(bytes: Uint8Array): HttpBody {
  let left: Uint8Array | undefined = bytes.byteLength === 0 ? undefined : bytes
  const take = (): Uint8Array | undefined => {
    const taken = left
    left = undefined
    return taken
  }
  return {
    read: () => Promise.resolve(take()),
    readAll: () => Promise.resolve(take() ?? new Uint8Array(0)),
    cancel: () => {
      left = undefined
      return Promise.resolve()
    },
  }
}

/** `host:port` of an absolute URL, without building a URL object. */
export function hostOf(url: string): string {
  const start = url.indexOf('//') + 2
  let end = start
  for (; end < url.length; end++) {
    const code = url.charCodeAt(end)
    if (code === 47 || code === 63 || code === 35) break // / ? #
  }
  const authority = url.slice(start, end)
  return authority.slice(authority.lastIndexOf('@') + 1)
}
