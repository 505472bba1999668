import {
  type HttpRequest,
  httpHeaders,
  type LlmRequest,
  type Operation,
  type WireFormat,
} from '@holdfast/core'
import { expect } from 'vitest'

/** A request as an application makes it. */
export function requestTo(url: string, body: object): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: httpHeaders({ 'content-length': '1', 'x-own': 'kept' }),
    body: JSON.stringify(body),
    signal: undefined,
    layer: 'fetch',
  }
}

/** Address and body after a change of the request that was read. */
export function changedRequest(
  format: WireFormat,
  http: HttpRequest,
  change: (request: LlmRequest) => Partial<LlmRequest>,
  operation: Operation = 'chat',
): { readonly url: string; readonly body: unknown } {
  const read = format.readRequest(http, operation)
  const written = format.writeRequest({ ...read, ...change(read) }, http, operation)
  expect(written.headers.get('content-length')).toBeNull()
  expect(written.headers.get('x-own')).toBe('kept')
  const { url, body } = written
  return { url, body: JSON.parse(String(body)) }
}

/** The request with every text of its messages in capitals. */
export function shouted({ messages }: LlmRequest): Pick<LlmRequest, 'messages'> {
  return {
    messages: messages.map((message) => ({
      ...message,
      parts: message.parts.map((part) =>
        part.type === 'text' ? { ...part, text: part.text.toUpperCase() } : part,
      ),
    })),
  }
}
