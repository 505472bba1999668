import type { HttpRequest, HttpResponse } from '@holdfast/core'
import { networkOf, type NetworkResponse } from './network-response.ts'
import { dress, isDressed, type Head } from './response-dress.ts'

/**
 * The response that the application gets where the handler made one: the native object with another body behind it
 * or, where the head differs too, a new one of the same class.
 */
export function madeResponse(answer: HttpResponse, request: HttpRequest): Response {
  const network = networkOf(answer)
  const body = mayHaveBody(answer.status) ? answer.body : undefined
  const state = { body, signal: request.signal, reader: network?.body?.reader }
  if (network !== undefined && keepsHead(answer, network, body !== undefined)) {
    return dress(network.native, { ...state, head: undefined })
  }
  const Class = (network?.native.constructor ?? Response) as typeof Response
  const { status, statusText } = answer
  const headers = answer.headers instanceof Headers ? answer.headers : frozenHeaders(answer, Class)
  const { url = request.url, type = 'basic', redirected = false } = network?.native ?? {}
  const head: Head = { url, type, redirected, headers }
  return dress(new Class(null, { status, statusText }), { ...state, head })
}

/** HTTP allows no body with these, and the class Response neither. */
function mayHaveBody(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304
}

function keepsHead(answer: HttpResponse, { native }: NetworkResponse, hasBody: boolean): boolean {
  return (
    answer.headers === native.headers &&
    answer.status === native.status &&
    answer.statusText === native.statusText &&
    hasBody === (native.body !== null) &&
    // Made before from the same network response: it belongs to another caller.
    !isDressed(native)
  )
}

/** Headers that nobody can change, as those of a response from the network. */
function frozenHeaders(answer: HttpResponse, Class: typeof Response): Headers {
  const headers = new Headers([...answer.headers.entries()])
  // Throws what native headers throw.
  const refuse = (): void => Class.error().headers.delete('immutable')
  for (const name of ['append', 'delete', 'set'])
    Object.defineProperty(headers, name, { value: refuse })
  return headers
}
