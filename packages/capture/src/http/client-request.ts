import type { ClientRequest as NodeRequest, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { TransportProgress } from '@holdfast/core'
import { http } from './node-http.ts'

/** The class itself: `http.request` may be somebody's wrapper, who has seen this call already, or is to see none. */
export const ClientRequest: new (options: RequestOptions) => NodeRequest = Reflect.get(
  http,
  'ClientRequest',
)

/** Ends a request: with head and body in one write, where the body is small. */
export function endRequest(request: NodeRequest, body: string | Uint8Array | undefined): void {
  if (!(body instanceof Uint8Array) || body.byteLength > 16_384) return void request.end(body)
  request.end(
    Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'),
    'latin1',
  )
}

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
