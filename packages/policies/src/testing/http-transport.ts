import { Agent, request as httpRequest } from 'node:http'
import type { RequestOptions } from 'node:http'
import { httpHeaders, openReply } from '@holdfast/core'
import type { HttpBody, HttpResponse, LlmCall, LlmReply, Next } from '@holdfast/core'

/** The innermost step on node:http, which can tell how far a request has come. */
export function sendOverHttp(options: RequestOptions = {}): Next & Disposable {
  const agent = new Agent({ keepAlive: true })
  const send = async (call: LlmCall): Promise<LlmReply> =>
    openReply(call, await exchange(call, { agent, ...options }))
  return Object.assign(send, { [Symbol.dispose]: () => agent.destroy() })
}

function exchange(call: LlmCall, options: RequestOptions): Promise<HttpResponse> {
  const { progress } = call
  const { url, method, headers, body } = call.http
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      ...options,
      method,
      signal: call.signal,
      headers: Object.fromEntries(headers.entries()),
    })
    request.once('socket', (socket) => {
      if (!socket.connecting) {
        progress?.sent?.()
        return
      }
      progress?.connecting?.()
      socket.once('connect', () => progress?.sent?.())
    })
    request.once('error', reject)
    request.once('response', (response) => {
      const { statusCode = 0, statusMessage = '' } = response
      const pairs = Object.entries(response.headers).map(
        ([name, value]) => [name, String(value)] as const,
      )
      resolve({
        status: statusCode,
        statusText: statusMessage,
        headers: httpHeaders(pairs),
        body: bodyOf(response),
      })
    })
    request.end(body)
  })
}

function bodyOf(response: AsyncIterable<Uint8Array> & { destroy(): unknown }): HttpBody {
  const chunks = response[Symbol.asyncIterator]()
  const read = async (): Promise<Uint8Array | undefined> => {
    const { done, value } = await chunks.next()
    return done === true ? undefined : value
  }
  return {
    read,
    async readAll() {
      const pieces: Uint8Array[] = []
      for (let piece = await read(); piece !== undefined; piece = await read()) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    async cancel() {
      response.destroy()
    },
  }
}
