import type { HttpBody, HttpResponse } from '@holdfast/core'

/** A response that fetch gave, and the body that handlers read it through. */
export interface Network {
  readonly native: Response
  readonly body: NetworkBody | undefined
}

// The responses that came from the network, by what handlers see of them.
const networks = new WeakMap<HttpResponse, Network>()

/** What a handler sees of a response that fetch gave. Nothing is read before it asks. */
export function networkResponse(native: Response): HttpResponse {
  const stream = native.body
  const body = stream === null ? undefined : new NetworkBody(stream)
  const { status, statusText, headers } = native
  const response: HttpResponse = { status, statusText, headers, body }
  networks.set(response, { native, body })
  return response
}

/** The native response itself, where the handler left it as it came. */
export function nativeOf(response: HttpResponse): Response | undefined {
  const network = networks.get(response)
  return network?.body?.reader === undefined ? network?.native : undefined
}

/** The response from the network that this one was made from. */
export function networkOf(response: HttpResponse): Network | undefined {
  for (let at: HttpResponse | undefined = response; at !== undefined; at = at.from) {
    const network = networks.get(at)
    if (network !== undefined) return network
  }
  return undefined
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
