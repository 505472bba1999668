import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { HttpRequest, HttpResponse, Transport } from '@holdfast/core'
import { RawHeaders } from '../headers.ts'
import { claimedSymbol, type Claimant } from '../hold.ts'
import { MemorySocket } from './memory-socket.ts'
import { http, httpsAgent } from './node-http.ts'
import { readRequest, type WireRequest } from './request-reader.ts'
import { ResponseWriter } from './response-writer.ts'
import { networks, sendUpstream, type Network } from './upstream.ts'

/** One request, as the application gave it to its agent. */
export interface AgentCall {
  readonly agent: Agent
  readonly request: ClientRequest
  readonly options: RequestOptions
  readonly url: string
}

/**
 * Lets the claimant answer a request. The application's own ClientRequest talks to the other end of a connection
 * inside the process, so everything that can be observed of it stays Node's own doing.
 */
export function httpExchange(
  claimant: Claimant,
  call: AgentCall,
  ownRequests: WeakSet<object>,
): void {
  ownRequests.add(call.request)
  const { agent, request, url } = call
  const [application, answering] = MemorySocket.pair(url.startsWith('https:'))
  const opened = (upstream: ClientRequest): void => {
    ownRequests.add(upstream)
    upstream.once('socket', (socket) => {
      application.upstream = socket
    })
  }
  // As the agent does it for a socket of its own, but not before the answer is over on this side too.
  let answered = false
  let freed = false
  application.once('free', () => {
    freed = true
    if (answered) application.destroy()
  })
  request.once('close', () => {
    if (!freed && !isComplete(request)) application.destroy()
  })
  answering.on('error', () => {})
  // What happens in it happens in the context of the call, whoever writes to a connection later.
  exchange(claimant, call, answering, opened)
    .catch((error: unknown) => fail(request, application, answering, error))
    .finally(() => {
      answered = true
      if (freed) application.destroy()
    })

  request.onSocket(application as never)
  const { timeout } = request as { timeout?: number }
  const timeoutMs = timeout ?? (agent as { options?: { timeout?: number } }).options?.timeout
  if (timeoutMs !== undefined && timeoutMs > 0) application.setTimeout(timeoutMs)
}

function responseOf(request: ClientRequest): IncomingMessage | undefined {
  return (Reflect.get(request, 'res') as IncomingMessage | null | undefined) ?? undefined
}

function isComplete(request: ClientRequest): boolean {
  return responseOf(request)?.complete === true
}

// Taken now: see memory-socket.ts.
const { setImmediate } = globalThis

async function exchange(
  claimant: Claimant,
  call: AgentCall,
  answering: MemorySocket,
  opened: (upstream: ClientRequest) => void,
): Promise<void> {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  answering.once('close', abort)
  const wire = await readRequest(answering, claimant.maxBodyBytes)
  const asked: HttpRequest = {
    method: wire.method,
    url: call.url,
    headers: new RawHeaders(wire.rawHeaders),
    body: wire.body,
    signal: controller.signal,
    layer: 'http',
  }
  const transport: Transport = (sent, progress) =>
    sendUpstream({
      request: optionsFor(call, wire, asked, sent),
      body: wire.rest ?? sent.body,
      rawTrailers: wire.rawTrailers,
      signal: sent.signal,
      progress,
      inform({ statusCode: status, statusMessage: statusText, rawHeaders }) {
        if (answering.destroyed) return
        new ResponseWriter(answering).head({ status, statusText, rawHeaders }, true)
      },
      opened,
    })
  const response = await (wire.rest === undefined
    ? claimant.handler.handle(asked, transport)
    : transport(asked))
  await deliver(response, asked.method === 'HEAD', answering)
  answering.off('close', abort)
}

/** Writes the answer to the application as fast as it takes it. */
async function deliver(
  response: HttpResponse,
  isHead: boolean,
  answering: MemorySocket,
): Promise<void> {
  const network = networks.of(response)
  const writer = new ResponseWriter(answering)
  if (network !== undefined && networks.isUntouched(response)) {
    const { message, raw } = network
    const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = message
    writer.head({ status, statusText, rawHeaders }, isHead)
    return pump(() => raw.take(), { writer, answering, network, cancel: () => raw.cancel() })
  }
  const { status, statusText, headers, body } = response
  const bodiless = isHead || body === undefined
  const described =
    network?.headers === headers ? network.message.rawHeaders : [...headers.entries()].flat()
  const framing = bodiless
    ? isHead
      ? []
      : ['content-length', '0']
    : ['transfer-encoding', 'chunked']
  const rawHeaders = [...withoutFraming(described), ...framing]
  writer.head({ status, statusText, rawHeaders }, bodiless)
  if (body === undefined) return
  await pump(() => body.read(), { writer, answering, network, cancel: () => body.cancel() })
}

interface Sink {
  readonly writer: ResponseWriter
  readonly answering: MemorySocket
  readonly network: Network | undefined
  readonly cancel: () => Promise<void>
}

async function pump(
  next: () => Promise<Uint8Array | undefined>,
  { writer, answering, network, cancel }: Sink,
): Promise<void> {
  const message = network?.message
  try {
    for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
      // An application that has all it was promised may be gone before the last of it is counted here.
      if (answering.destroyed && message?.complete !== true) return await cancel()
      await writer.data(chunk)
    }
    writer.end(message?.rawTrailers)
  } catch (error) {
    if (error !== message?.errored) throw error
    // Cut short: the application's own connection ends in the same place, and says so in Node's words.
    answering.end()
  }
}

// What described the bytes on the wire, which the application does not get.
const framingNames: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'content-md5',
  'digest',
  'etag',
])

function withoutFraming(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)] ?? ''
    return !framingNames.has(name.toLowerCase())
  })
}

/** What the application asked its agent for, as far as it is still what is to be sent. */
function optionsFor(
  { agent, options, url }: AgentCall,
  wire: WireRequest,
  asked: HttpRequest,
  sent: HttpRequest,
): RequestOptions {
  const request: RequestOptions & { [claimedSymbol]: true } = {
    ...options,
    agent,
    method: sent.method,
    path: wire.target,
    headers: wire.rawHeaders,
    setHost: false,
    [claimedSymbol]: true,
  }
  // Ended by hand: the application's own signal ends its own request.
  delete request.signal
  const changedBody = sent.body !== asked.body
  if (sent.headers !== asked.headers || changedBody || sent.url !== url) {
    const headers = new Map(sent.headers.entries())
    if (changedBody) {
      headers.delete('transfer-encoding')
      headers.delete('content-length')
      if (sent.body !== undefined)
        headers.set('content-length', String(Buffer.byteLength(sent.body)))
    }
    if (sent.url !== url) Object.assign(request, redirect(sent.url, agent, headers))
    request.headers = [...headers].flat()
  }
  return request
}

/** Another place to send a request to. */
function redirect(url: string, agent: Agent, headers: Map<string, string>): RequestOptions {
  const { protocol, hostname, port, host, pathname, search } = new URL(url)
  headers.set('host', host)
  const isSecure = protocol === 'https:'
  const fits = (agent as { protocol?: string }).protocol === protocol
  return {
    protocol,
    host: hostname,
    hostname,
    port: port === '' ? null : port,
    path: pathname + search,
    agent: fits ? agent : isSecure ? httpsAgent() : http.globalAgent,
    defaultPort: isSecure ? 443 : 80,
    socketPath: undefined,
    servername: undefined,
  } as unknown as RequestOptions
}

/** Lets the application's request fail with the very error, after all that was answered before. */
async function fail(
  request: ClientRequest,
  application: MemorySocket,
  answering: MemorySocket,
  error: unknown,
): Promise<void> {
  if (!answering.destroyed) {
    await new Promise((resolve) => void answering.write('', () => setImmediate(resolve)))
  }
  const response = responseOf(request)
  if (response === undefined) {
    request.destroy(error as Error)
    return
  }
  // In this order: a response takes its error along to a living socket, and the request fails a second time.
  application.destroy()
  response.destroy(error as Error)
}
