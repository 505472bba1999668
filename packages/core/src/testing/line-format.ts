import { httpHeaders } from '../http.ts'
import type { HttpRequest } from '../http.ts'
import { LlmCall } from '../call.ts'
import type { LlmCallFacts } from '../call.ts'
import type { ReplyEvent } from '../event.ts'
import type { LlmRequest } from '../request.ts'
import type { WireFormat } from '../wire-format.ts'

/**
 * A small format for the tests of this package: a request is JSON with a model, a reply is lines,
 * `text …` or `finish`. It is read for real, cuts anywhere included.
 */
export const lineFormat: WireFormat = {
  name: 'lines',
  recognise: () => ({ operation: 'chat', model: 'm', streaming: true }),
  readRequest(http) {
    const { model } = JSON.parse(String(http.body)) as { model: string }
    return { model, system: [], messages: [], tools: [], stream: true, extra: {} }
  },
  writeRequest: (request: LlmRequest, http: HttpRequest) => ({
    ...http,
    body: JSON.stringify({ model: request.model }),
  }),
  retarget: (http, { baseUrl, apiKey }) => ({
    ...http,
    url: baseUrl === undefined ? http.url : `${baseUrl}/lines`,
    headers: apiKey === undefined ? http.headers : httpHeaders({ authorization: apiKey }),
  }),
  replyReader() {
    const decoder = new TextDecoder()
    let rest = ''
    let complete = false
    let seen = 0
    const take = (line: string): ReplyEvent[] => {
      if (line === 'finish') {
        complete = true
        return [{ type: 'finish', choice: 0, reason: 'stop', raw: 'stop' }]
      }
      return [{ type: 'text-delta', choice: 0, text: line.slice('text '.length) }]
    }
    return {
      push(bytes) {
        seen += bytes.byteLength
        const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
        rest = lines.pop() ?? ''
        return lines.flatMap(take)
      },
      end: () => (rest === '' ? [] : take(rest)),
      get complete() {
        return complete
      },
      get problem() {
        return seen === 0 ? 'the body is empty' : undefined
      },
    }
  },
  readFailure: (status, _headers, body) => ({ status, message: new TextDecoder().decode(body) }),
}

/** A call in the line format. */
export function lineCall(facts: Partial<LlmCallFacts> = {}): LlmCall {
  return new LlmCall({
    id: 'call-1',
    format: lineFormat,
    operation: 'chat',
    provider: 'lines',
    model: 'm',
    streaming: true,
    http: {
      method: 'POST',
      url: 'https://models.example.com/lines',
      headers: httpHeaders({ authorization: 'Bearer one' }),
      body: '{"model":"m"}',
      signal: undefined,
      layer: 'fetch',
    },
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit: () => {},
    ...facts,
  })
}
