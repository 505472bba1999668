import type { ClientRequest as NodeRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import type { HttpBody, HttpHeaders, HttpResponse, TransportProgress } from '@holdfast/core'
import { decodedBody } from '../decoded-body.ts'
import { RawHeaders } from '../headers.ts'
import { http } from './node-http.ts'

/** What the server answered: for handlers to look at, and to be handed on raw. */
export interface Network {
  readonly message: IncomingMessage
  readonly headers: HttpHeaders
  readonly raw: MessageBody
}

const networks = new WeakMap<HttpResponse, Network>()

/** The answer from the network that this response is, or was made from. */
export function networkOf(response: HttpResponse): Network | undefined {
  for (let at: HttpResponse | undefined = response; at !== undefined; at = at.from) {
    const network = networks.get(at)
    if (network !== undefined) return network
  }
  return undefined
}

/** True where the handler left the answer as it came. */
export function isUntouched(response: HttpResponse): boolean {
  return networks.get(response)?.raw.touched === false
}

/** One attempt. */
export interface UpstreamOptions {
  readonly request: RequestOptions
  readonly body: string | Uint8Array | Readable | undefined
  readonly rawTrailers: readonly string[]
  readonly signal: AbortSignal | undefined
  readonly progress: TransportProgress | undefined
  /** Told of answers that announce another. */
  readonly inform: (message: {
    statusCode: number
    statusMessage: string
    rawHeaders: string[]
  }) => void
  /** Told of the request before it does anything. */
  readonly opened: (request: NodeRequest) => void
}

// The class itself: `http.request` may be somebody's wrapper, who has seen this request already.
const { ClientRequest } = http as unknown as {
  ClientRequest: new (options: RequestOptions) => NodeRequest
}

/** Sends a request on the application's agent, without anybody's instrumentation seeing it twice. */
export function sendUpstream(options: UpstreamOptions): Promise<HttpResponse> {
  const { body, rawTrailers, signal, progress } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) throw signal.reason
    const request = new ClientRequest(options.request)
    const abort = (): void => void request.destroy(signal?.reason as Error)
    signal?.addEventListener('abort', abort, { once: true })
    request.once('close', () => signal?.removeEventListener('abort', abort))
    request.on('error', reject)
    request.on('information', options.inform)
    options.opened(request)
    if (progress !== undefined) request.once('socket', (socket) => tell(progress, socket))
    request.once('response', (message) => {
      resolve(responseOf(message, options.request.method === 'HEAD'))
    })
    for (let index = 0; index + 1 < rawTrailers.length; index += 2) {
      request.addTrailers([[rawTrailers[index] ?? '', rawTrailers[index + 1] ?? '']])
    }
    if (body instanceof Readable) pipeline(body, request, () => {})
    else endWith(request, body)
  })
}

/** Ends a request: with head and body in one write, where the body is small. */
function endWith(request: NodeRequest, body: string | Uint8Array | undefined): void {
  if (!(body instanceof Uint8Array) || body.byteLength > 16_384) return void request.end(body)
  request.end(
    Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'),
    'latin1',
  )
}

function tell(progress: TransportProgress, socket: Socket): void {
  const sent = (): void => progress.sent?.()
  if (!socket.connecting) return sent()
  progress.connecting?.()
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', sent)
}

function responseOf(message: IncomingMessage, isHead: boolean): HttpResponse {
  const headers = new RawHeaders(message.rawHeaders)
  const raw = new MessageBody(message)
  const status = message.statusCode ?? 0
  const response: HttpResponse = {
    status,
    statusText: message.statusMessage ?? '',
    headers,
    body:
      isHead || status === 204 || status === 304
        ? undefined
        : decodedBody(raw, headers.get('content-encoding')),
  }
  networks.set(response, { message, headers, raw })
  return response
}

/** The bytes of an answer as they stand on the wire. */
export class MessageBody implements HttpBody {
  readonly #message: IncomingMessage
  #chunks: AsyncIterator<Buffer> | undefined
  #touched = false

  constructor(message: IncomingMessage) {
    this.#message = message
  }

  /** True once anything of it was asked for. */
  get touched(): boolean {
    return this.#touched
  }

  /** The next bytes, without saying that somebody looked at them. */
  async take(): Promise<Uint8Array | undefined> {
    this.#chunks ??= this.#message[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const { done, value } = await this.#chunks.next()
    return done === true ? undefined : value
  }

  read(): Promise<Uint8Array | undefined> {
    this.#touched = true
    return this.take()
  }

  async readAll(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) {
      chunks.push(chunk)
    }
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
  }

  async cancel(): Promise<void> {
    this.#touched = true
    this.#message.on('error', () => {})
    this.#message.destroy()
  }
}
