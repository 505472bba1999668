import { AsyncLocalStorage } from 'node:async_hooks'
import type { Agent, ClientRequest, IncomingMessage, RequestOptions, Server } from 'node:http'
import type { HttpRequest, HttpResponse, Transport } from '@holdfast/core'
import { rawHttpHeaders } from '../headers.ts'
import { claimedSymbol, type Claimant } from '../hold.ts'
import { MemorySocket } from './memory-socket.ts'
import { http, https } from './node-http.ts'
import { ResponseWriter } from './response-writer.ts'
import { isUntouched, networkOf, sendUpstream } from './upstream.ts'

/** One request, as the application gave it to its agent. */
export interface AgentCall {
  readonly agent: Agent
  readonly request: ClientRequest
  readonly options: RequestOptions
  readonly url: string
}

/**
 * Lets the claimant answer a request. The application's own ClientRequest talks to a server inside the process, so
 * everything that can be observed of it stays Node's own doing.
 */
export function httpExchange(claimant: Claimant, call: AgentCall): void {
  const { agent, request, url } = call
  const [application, answering] = MemorySocket.pair(url.startsWith('https:'))
  // What runs in a request of the inner server runs in the context of the call that made it.
  const inContext = AsyncLocalStorage.snapshot()
  const serve = (message: IncomingMessage): void => {
    inContext(() => {
      exchange(claimant, call, message, application, answering).catch((error: unknown) =>
        fail(request, application, error),
      )
    })
  }
  servers.set(answering, serve)
  innerServer().emit('connection', answering)

  // As the agent does it for a socket of its own.
  application.once('free', () => application.destroy())
  request.once('close', () => application.destroy())
  request.onSocket(application as never)
  const { timeout } = request as { timeout?: number }
  const timeoutMs = timeout ?? (agent as { options?: { timeout?: number } }).options?.timeout
  if (timeoutMs !== undefined && timeoutMs > 0) application.setTimeout(timeoutMs)
}

const servers = new WeakMap<object, (message: IncomingMessage) => void>()
let server: Server | undefined

/** A server that never listens: it parses what applications write to their connections. */
function innerServer(): Server {
  if (server !== undefined) return server
  const options = {
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
    maxHeaderSize: 16 * 1024 * 1024,
    // What a client may send is for the real server to judge.
    insecureHTTPParser: true,
    requireHostHeader: false,
  }
  const serve = (message: IncomingMessage): void => servers.get(message.socket)?.(message)
  server = http.createServer(options, serve)
  server.maxHeadersCount = 0
  server.timeout = 0
  server.on('checkContinue', (message: IncomingMessage) => {
    // The body is needed here first.
    message.socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    serve(message)
  })
  server.on('checkExpectation', serve)
  server.on('clientError', (_, socket) => socket.destroy())
  return server
}

async function exchange(
  claimant: Claimant,
  call: AgentCall,
  message: IncomingMessage,
  application: MemorySocket,
  answering: MemorySocket,
): Promise<void> {
  const controller = new AbortController()
  answering.once('close', () => controller.abort())
  answering.on('error', () => {})
  const { signal } = controller
  const read = await readBody(message, claimant.maxBodyBytes)
  const { method = 'GET' } = message
  const asked: HttpRequest = {
    method,
    url: call.url,
    headers: rawHttpHeaders(message.rawHeaders),
    body: read,
    signal,
    layer: 'http',
  }
  const transport: Transport = (sent, progress) =>
    sendUpstream({
      request: optionsFor(call, message, asked, sent),
      body: sent.body,
      rawTrailers: message.rawTrailers,
      signal: sent.signal,
      progress,
      inform: ({ statusCode: status, statusMessage: statusText, rawHeaders }) => {
        if (!answering.destroyed) {
          new ResponseWriter(answering).head({ status, statusText, rawHeaders }, true)
        }
      },
      connected(socket) {
        application.upstream = socket
      },
    })
  const response = await claimant.handler.handle(asked, transport)
  if (answering.destroyed) return void response.body?.cancel()
  await deliver(response, method === 'HEAD', answering)
}
