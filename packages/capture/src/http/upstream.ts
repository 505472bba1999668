import type { ClientRequest as NodeRequest, IncomingMessage, RequestOptions } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { HttpHeaders, HttpResponse, TransportProgress } from '@holdfast/core'
import { decodedBody } from '../decoded-body.ts'
import { RawHeaders } from '../headers.ts'
import { Networks } from '../networks.ts'
import { RawBody } from '../raw-body.ts'
import { ClientRequest, endRequest, teller } from './client-request.ts'

/** What the server answered: for handlers to look at, and to be handed on raw. */
export interface Network {
  readonly message: IncomingMessage
  readonly headers: HttpHeaders
  readonly raw: MessageBody
}

/** The answers that came over node:http. */
export const networks: Networks<Network> = new Networks()

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
    if (progress !== undefined) request.once('socket', teller(progress))
    request.once('response', (message) => {
      resolve(responseOf(message, options.request.method === 'HEAD'))
    })
    for (let index = 0; index + 1 < rawTrailers.length; index += 2) {
      request.addTrailers([[rawTrailers[index] ?? '', rawTrailers[index + 1] ?? '']])
    }
    if (body instanceof Readable) pipeline(body, request, () => {})
    else endRequest(request, body)
  })
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
  networks.add(response, { message, headers, raw })
  return response
}

/** The bytes of an answer as they stand on the wire. */
class MessageBody extends RawBody {
  readonly #message: IncomingMessage
  #chunks: AsyncIterator<Buffer> | undefined

  constructor(message: IncomingMessage) {
    super()
    this.#message = message
  }

  async take(): Promise<Uint8Array | undefined> {
    this.#chunks ??= this.#message[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const { done, value } = await this.#chunks.next()
    return done === true ? undefined : value
  }

  protected stop(): void {
    this.#message.on('error', () => {})
    this.#message.destroy()
  }
}
