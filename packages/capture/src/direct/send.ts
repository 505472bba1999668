import type { ClientRequest as NodeRequest, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { TransportProgress } from '@holdfast/core'
import { ClientRequest, endRequest, teller } from '../http/client-request.ts'
import { Inflow } from './inflow.ts'
import { headerOf } from './raw-headers.ts'
import { markResource } from './resource-timing.ts'
import { keepHint } from './own-agent.ts'
import {
  cutShort,
  fetchFailed,
  socketError,
  terminated,
  timedOut,
  connectTimedOut,
} from './failures.ts'

/** An answer, as far as it has come. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly rawHeaders: readonly string[]
  readonly body: Inflow
}

/** One attempt. */
export interface Sending {
  /** The URL, for the resource timings. */
  readonly url: string
  readonly options: RequestOptions
  readonly body: string | Uint8Array | undefined
  readonly signal: AbortSignal | undefined
  readonly progress: TransportProgress | undefined
  /** Told of the request before it does anything. */
  readonly opened: (request: NodeRequest) => void
}

/** Sends a request over node:http, and fails as fetch would. */
export function send({ url, options, body, signal, progress, opened }: Sending): Promise<Answer> {
  const onSocket = progress && teller(progress)
  return new Promise((resolve, reject) => {
    let answer: Inflow | undefined
    let over = false
    // Whether the connection was to outlast the answer, and what else says where that ends.
    let lasting = true
    let framing: 'length' | 'chunks' | undefined
    const finish = (): boolean => {
      const first = !over
      over = true
      if (first) signal?.removeEventListener('abort', abort)
      return first
    }
    const fail = (error: unknown): void => {
      if (!finish()) return
      if (answer === undefined) reject(fetchFailed(error))
      else if (lasting || !isEnd(error)) answer.fail(terminated(error))
      else if (framing === undefined) answer.end()
      else answer.fail(terminated(cutShort(framing)))
    }
    const refuse = (why: string): void => {
      fail(socketError(why))
      request.destroy()
    }
    const abort = (): void => {
      if (!finish()) return
      // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's reason, as it is
      if (answer === undefined) reject(signal?.reason)
      else answer.fail(signal?.reason)
      request.destroy()
    }

    // In the meantime, perhaps.
    if (signal?.aborted === true) throw signal.reason
    const started = performance.now()
    const request = new ClientRequest(options)
    opened(request)
    signal?.addEventListener('abort', abort, { once: true })
    request.on('error', fail)
    const quiet = (): void => {
      if (over) return
      const socket = request.socket as Socket
      // Nothing can come where nobody reads; the time starts again.
      if (answer?.isHeldBack === true) {
        return void socket.setTimeout(socket.timeout ?? 0).once('timeout', quiet)
      }
      if (isConnecting(socket)) fail(connectTimedOut(socket, options))
      else fail(timedOut(answer === undefined ? 'headers' : 'body'))
      request.destroy()
    }
    request.on('timeout', quiet)
    request.on('continue', () => refuse('bad response'))
    request.on('upgrade', (_, socket) => {
      refuse('bad upgrade')
      socket.destroy()
    })
    if (onSocket !== undefined) request.once('socket', onSocket)
    request.once('response', (message) => {
      const { statusCode: status = 0, rawHeaders, socket } = message
      const statusText = asUtf8(message.statusMessage ?? '')
      keepHint(socket, rawHeaders)
      const inflow = new Inflow(message)
      const times = { started, sent: started, answered: performance.now() }
      answer = inflow
      lasting = request.shouldKeepAlive
      if (!lasting) framing = framingOf(rawHeaders)
      message.on('error', fail)
      message.once('end', () => {
        finish()
        markResource(url, times, { status, bytes: inflow.bytes })
        inflow.end()
      })
      message.once('close', () => {
        // Most are whole by then: an error that nobody gets costs more than all the rest here.
        if (!over) fail(socketError())
      })
      resolve({ status, statusText, rawHeaders, body: inflow })
    })
    endRequest(request, body)
  })
}

/** Undici reads it so, Node by the byte. */
function asUtf8(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(text, 'latin1').toString()
}

/** True until its TLS, where there is any, has been agreed on. */
function isConnecting(socket: Socket & { secureConnecting?: boolean }): boolean {
  return socket.connecting || socket.secureConnecting === true
}

function framingOf(rawHeaders: readonly string[]): 'length' | 'chunks' | undefined {
  if (headerOf(rawHeaders, 'transfer-encoding') !== undefined) return 'chunks'
  return headerOf(rawHeaders, 'content-length') === undefined ? undefined : 'length'
}

/** The connection is gone, in good order or not. */
function isEnd(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'ECONNRESET' || code === 'UND_ERR_SOCKET'
}
