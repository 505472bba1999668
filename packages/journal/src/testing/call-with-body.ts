import { httpHeaders, LlmCall } from '@holdfast/core'
import type { WireFormat } from '@holdfast/core'

/** An LLM call of which only the body matters. */
export function callWithBody(body: string | Uint8Array, streaming = false): LlmCall {
  return new LlmCall({
    id: 'call',
    format: { name: 'plain' } as WireFormat,
    operation: 'chat',
    provider: 'test',
    model: 'm',
    streaming,
    http: {
      method: 'POST',
      url: 'http://localhost/v1/chat/completions',
      headers: httpHeaders(),
      body,
      signal: undefined,
      layer: 'fetch',
    },
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit() {},
  })
}
