import type { HttpBody, HttpResponse } from '@holdfast/core'

/** What a handler sees of a response that fetch gave. Nothing is read before it asks. */
export class NetworkResponse implements HttpResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly body: NetworkBody | undefined
  // Hidden from copies: those are responses that the handler made.
  readonly #native: Response

  constructor(native: Response) {
    const stream = native.body
    this.status = native.status
    this.statusText = native.statusText
    this.headers = native.headers
    this.body = stream === null ? undefined : new NetworkBody(stream)
    this.#native = native
  }

  /** The native response. */
  get native(): Response {
    return this.#native
  }
}

/** The native response itself, where the handler left it as it came. */
export function nativeOf(response: HttpResponse): Response | undefined {
  const untouched = response instanceof NetworkResponse && response.body?.reader === undefined
  return untouched ? response.native : undefined
}

/** The response from the network that this one was made from. */
export function networkOf(response: HttpResponse): NetworkResponse | undefined {
  let at: HttpResponse | undefined = response
  while (at !== undefined && !(at instanceof NetworkResponse)) at = at.from
  return at
}

/** The body of a native response, taken up when it is first read. */
export class NetworkBody implements HttpBody {
  readonly #stream: ReadableStream<Uint8Array>
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#stream = stream
  }

  /** Whoever reads the native stream: undefined until anything of the body was asked for. */
  get reader(): ReadableStreamDefaultReader<Uint8Array> | undefined {
    return this.#reader
  }

  async read(): Promise<Uint8Array | undefined> {
    const { value } = await (this.#reader ??= this.#stream.getReader()).read()
    return value
  }

  async readAll(): Promise<Uint8Array> {
    // With a reader, and not with `arrayBuffer()`, which nobody could cancel.
    const reader = (this.#reader ??= this.#stream.getReader())
    const first = (await reader.read()).value
    if (first === undefined) return new Uint8Array(0)
    let chunk = (await reader.read()).value
    if (chunk === undefined) return first
    const chunks = [first]
    for (; chunk !== undefined; chunk = (await reader.read()).value) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  async cancel(reason?: unknown): Promise<void> {
    try {
      await (this.#reader ??= this.#stream.getReader()).cancel(reason)
    } catch {
      // The transfer is over, one way or the other.
    }
  }
}
