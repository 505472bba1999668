import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { httpHeaders, LlmCall, openReply } from '@holdfast/core'
import type {
  CallEvent,
  HttpResponse,
  Interceptor,
  LlmReply,
  LlmRequest,
  Operation,
  ReplyEvent,
  Run,
} from '@holdfast/core'
import { plainFormat } from './plain-format.ts'

/** A real HTTP server on a free port of the loopback. */
export interface Server extends AsyncDisposable {
  readonly url: string
}

export async function startServer(listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A provider that answers every request with these events, one chunk each, `gapMs` apart. */
export function startProvider(
  events: readonly ReplyEvent[],
  { gapMs = 0, cut = false }: { gapMs?: number; cut?: boolean } = {},
): Promise<Server> {
  return startServer((request, response) => {
    request.resume()
    request.on('end', () => {
      void (async () => {
        response.writeHead(200, { 'content-type': 'application/jsonl' })
        for (const event of events) {
          response.write(`${JSON.stringify(event)}\n`)
          await new Promise((resolve) => setTimeout(resolve, gapMs))
        }
        if (cut) response.destroy()
        else response.end()
      })()
    })
  })
}

/** A good answer of 1,000 input tokens, 400 of them cached, and 200 output tokens. */
export const goodAnswer: readonly ReplyEvent[] = [
  { type: 'message-start', id: 'msg-1', model: 'gpt-4o-mini-2024-07-18' },
  { type: 'text-delta', choice: 0, text: 'The secret word ' },
  { type: 'text-delta', choice: 0, text: 'is plover.' },
  { type: 'usage', usage: { inputTokens: 1000, outputTokens: 7 } },
  { type: 'finish', choice: 0, reason: 'stop', raw: 'stop' },
  {
    type: 'usage',
    usage: { inputTokens: 1000, outputTokens: 200, cachedInputTokens: 400, reasoningTokens: 50 },
  },
]

/** What `goodAnswer` costs by OpenAI's list price for gpt-4o-mini: 0.15, 0.075 cached and 0.60 per million. */
export const goodAnswerUsd: number = (600 * 0.15 + 400 * 0.075 + 200 * 0.6) / 1e6

export interface CallOptions {
  readonly model?: string
  readonly provider?: string
  readonly streaming?: boolean
  readonly run?: Run
  readonly signal?: AbortSignal
  readonly resend?: number
  readonly request?: Partial<LlmRequest>
  readonly operation?: Operation
  readonly format?: string
  readonly emit?: (event: CallEvent) => void
}

/** A call of the plain format to that address. */
export function llmCall(url: string, options: CallOptions = {}): LlmCall {
  const { model = 'gpt-4o-mini', provider = 'openai', streaming = true, run } = options
  const body: LlmRequest = {
    model,
    system: [{ type: 'text', text: 'Be brief.' }],
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'What is the secret word?' }] }],
    tools: [],
    stream: streaming,
    extra: {},
    ...options.request,
  }
  return new LlmCall({
    id: 'call-1',
    format: { ...plainFormat, name: options.format ?? plainFormat.name },
    operation: options.operation ?? 'chat',
    provider,
    model,
    streaming,
    http: {
      method: 'POST',
      url: `${url}/v1/chat?key=sk-in-the-url`,
      headers: httpHeaders({ authorization: 'Bearer sk-in-the-header' }),
      body: JSON.stringify(body),
      signal: options.signal,
      layer: 'fetch',
    },
    run,
    signal: options.signal ?? new AbortController().signal,
    deadlineAt: undefined,
    resend: options.resend ?? 0,
    emit: options.emit ?? (() => {}),
  })
}

/** Sends a call with the built-in fetch. */
export async function send(call: LlmCall): Promise<LlmReply> {
  const { method, url, headers, body } = call.http
  const response = await fetch(url, {
    method,
    headers: [...headers.entries()],
    body: typeof body === 'string' ? body : null,
    signal: call.signal,
  })
  return openReply(call, httpResponse(response))
}

/** Makes the call through the interceptor and reads the answer to its end, as a framework does. */
export async function ask(
  interceptor: Interceptor,
  call: LlmCall,
  next: (call: LlmCall) => Promise<LlmReply> = send,
): Promise<string> {
  const reply = await interceptor(call, next)
  let text = ''
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    text += new TextDecoder().decode(frame.bytes)
  }
  return text
}

function httpResponse(response: Response): HttpResponse {
  const reader = response.body?.getReader()
  return {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
    body: reader && {
      read: async () => (await reader.read()).value,
      readAll: async () => {
        const pieces: Uint8Array[] = []
        for (;;) {
          const { value } = await reader.read()
          if (value === undefined) return Buffer.concat(pieces)
          pieces.push(value)
        }
      },
      cancel: (reason) => reader.cancel(reason).catch(() => {}),
    },
  }
}
