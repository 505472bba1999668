import { httpHeaders, LlmCall } from '@holdfast/core'
import type { CallEvent, HttpRequest, LlmRequest } from '@holdfast/core'
import { type FormatName, formatNamed } from './formats.ts'

/** A request of that format, as an application would have sent it. */
export function httpOf(url: string, body: string): HttpRequest {
  return { method: 'POST', url, headers: httpHeaders(), body, signal: undefined, layer: 'fetch' }
}

/** A call in that format. */
export function callIn(
  name: FormatName,
  options: {
    readonly streaming: boolean
    readonly http?: HttpRequest
    readonly model?: string
    readonly events?: CallEvent[]
  },
): LlmCall {
  const { streaming, http = emptyRequest(name), model = 'asked', events = [] } = options
  return new LlmCall({
    id: 'translated',
    format: formatNamed(name),
    operation: 'chat',
    provider: 'recorded',
    model,
    streaming,
    http,
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit: (event) => events.push(event),
  })
}

/** The least that the format says, with the token counts asked for. */
function emptyRequest(name: FormatName): HttpRequest {
  const asked: LlmRequest = {
    model: 'asked',
    system: [],
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
    tools: [],
    stream: true,
    extra: {},
  }
  const { url, body } = formatNamed(name).composeRequest(asked)
  return httpOf(url, body)
}
