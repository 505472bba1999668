import { randomUUID } from 'node:crypto'
import { LlmCall, httpHeaders, openReply } from '@holdfast/core'
import type {
  CallEvent,
  HttpBody,
  HttpRequest,
  HttpResponse,
  Interceptor,
  LlmReply,
  Run,
} from '@holdfast/core'
import { recogniseCall } from '@holdfast/wire'

/** What a test asks a model for. */
export interface Ask {
  readonly wire?: WireName
  readonly streaming?: boolean
  readonly prompt?: string
  readonly model?: string
  readonly apiKey?: string
  readonly signal?: AbortSignal
  /** The caller announces that it waits so long. */
  readonly patienceMs?: number
  readonly resend?: number
  readonly run?: Run
}

export type WireName = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini'
export const wireNames: readonly WireName[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
]

/** How a call ended, as the layer above sees it. */
export interface Ended {
  readonly status: number | undefined
  readonly error: unknown
  /** What was handed up, also before an error. */
  readonly text: string
  /** Of how many pieces the answer was when the head was handed up, and after. */
  readonly reply: LlmReply | undefined
  readonly events: readonly CallEvent[]
  /** Names of the faults that attempts met, in order. */
  readonly faults: readonly string[]
  readonly tookMs: number
}

/** A call to a server, and the events that it emits. */
export function callTo(baseUrl: string, ask: Ask = {}): { call: LlmCall; events: CallEvent[] } {
  const { run, resend = 0, patienceMs } = ask
  const http = requestTo(baseUrl, ask)
  const recognised = recogniseCall(http)
  if (recognised === undefined) throw new Error(`no wire knows ${http.url}`)
  const events: CallEvent[] = []
  const call = new LlmCall({
    id: randomUUID(),
    format: recognised.format,
    ...recognised.facts,
    provider: recognised.provider,
    http,
    run,
    signal: ask.signal ?? new AbortController().signal,
    deadlineAt: patienceMs === undefined ? undefined : performance.now() + patienceMs,
    resend,
    emit: (event) => events.push(event),
  })
  return { call, events }
}

/** Makes a call through an interceptor, over real HTTP, and reads the reply to its end. */
export async function ask(
  baseUrl: string,
  interceptor: Interceptor,
  options: Ask = {},
): Promise<Ended> {
  const { call, events } = callTo(baseUrl, options)
  const startedAtMs = performance.now()
  let reply: LlmReply | undefined
  let error: unknown
  let text = ''
  const decoder = new TextDecoder()
  try {
    reply = await interceptor(call, send)
    for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
      text += decoder.decode(frame.bytes, { stream: true })
    }
  } catch (thrown) {
    error = thrown ?? new Error('nothing was thrown')
  }
  return {
    status: reply?.status,
    error,
    text,
    reply,
    events,
    faults: events.flatMap((event) => (event.type === 'attempt-failed' ? [event.fault] : [])),
    tookMs: performance.now() - startedAtMs,
  }
}

/** The innermost step: one request with the built-in fetch. */
export async function send(call: LlmCall): Promise<LlmReply> {
  const { url, method, headers, body } = call.http
  const init: RequestInit = { method, signal: call.signal, headers: [...headers.entries()] }
  if (body !== undefined) init.body = body as string
  return openReply(call, responseOf(await fetch(url, init)))
}

/** The same reply, with some of it replaced. */
export function changedReply(reply: LlmReply, changes: Partial<LlmReply>): LlmReply {
  const { status, statusText, headers, streaming, failure, response } = reply
  return {
    status,
    statusText,
    headers,
    streaming,
    failure,
    response,
    next: () => reply.next(),
    complete: () => reply.complete(),
    problem: () => reply.problem(),
    cancel: (reason) => reply.cancel(reason),
    ...changes,
  }
}

function responseOf(response: Response): HttpResponse {
  const { status, statusText, headers } = response
  return {
    status,
    statusText,
    headers,
    body: response.body === null ? undefined : bodyOf(response.body),
  }
}

function bodyOf(stream: ReadableStream<Uint8Array>): HttpBody {
  const reader = stream.getReader()
  return {
    read: () => reader.read().then(({ value }) => value),
    async readAll() {
      const pieces: Uint8Array[] = []
      for (let one = await reader.read(); !one.done; one = await reader.read()) {
        pieces.push(one.value)
      }
      return Buffer.concat(pieces)
    },
    cancel: (reason) => reader.cancel(reason).catch(() => {}),
  }
}

function requestTo(baseUrl: string, asked: Ask): HttpRequest {
  const { wire = 'openai-chat', streaming = true, prompt = 'hello', apiKey = 'test-key' } = asked
  const model = asked.model ?? 'test-model'
  const messages = [{ role: 'user', content: prompt }]
  const authorization = { authorization: `Bearer ${apiKey}` }
  if (wire === 'openai-chat') {
    const body = { model, messages, stream: streaming }
    return post(`${baseUrl}/v1/chat/completions`, body, authorization)
  }
  if (wire === 'openai-responses') {
    const body = { model, input: prompt, stream: streaming }
    return post(`${baseUrl}/v1/responses`, body, authorization)
  }
  if (wire === 'anthropic-messages') {
    const body = { model, max_tokens: 100, messages, stream: streaming }
    return post(`${baseUrl}/v1/messages`, body, { 'x-api-key': apiKey })
  }
  const method = streaming ? 'streamGenerateContent?alt=sse' : 'generateContent'
  const body = { contents: [{ role: 'user', parts: [{ text: prompt }] }] }
  return post(`${baseUrl}/v1beta/models/${model}:${method}`, body, { 'x-goog-api-key': apiKey })
}

function post(url: string, body: unknown, headers: Record<string, string>): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: httpHeaders({ 'content-type': 'application/json', ...headers }),
    body: JSON.stringify(body),
    signal: undefined,
    layer: 'fetch',
  }
}
