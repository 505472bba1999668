import type { ClientRequest as NodeRequest, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { TransportProgress } from '@holdfast/core'
import { http } from './node-http.ts'

/** The class itself: `http.request` may be somebody's wrapper, who has seen this call already, or is to see none. */
export const ClientRequest: new (options: RequestOptions) => NodeRequest = Reflect.get(
  http,
  'ClientRequest',
)

/**
 * Ends a request: with head and body in one write, but for many bytes, which would be copied. A string is written as one
 * byte for each character where that is the same: Node makes room for three in UTF-8, on the heap from 5,461 on.
 */
export function endRequest(request: NodeRequest, body: string | Uint8Array | undefined): void {
  if (typeof body === 'string') {
    const isAscii = Buffer.byteLength(body) === body.length
    return void request.end(body, isAscii ? 'latin1' : 'utf8')
  }
  if (body === undefined || body.byteLength > mostCopied) return void request.end(body)
  request.end(
    Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'),
    'latin1',
  )
}

/** So much Node writes from the stack. */
const mostCopied = 16_384

/**
 * Tells where the request is once it has a socket, and then forgets whom it told: what listens for as long as the
 * answer lives must not hold on to who made the call, or an answer nobody reads could never be given up.
 */
export function teller(progress: TransportProgress): (socket: Socket) => void {
  let told: TransportProgress | undefined = progress
  return (socket) => {
    const whom = told
    told = undefined
    if (!socket.connecting) return whom?.sent?.()
    whom?.connecting?.()
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => whom?.sent?.())
  }
}
