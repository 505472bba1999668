import { assemble, bytesBody, HoldfastError, httpHeaders, LlmCall, openReply } from '@holdfast/core'
import type { HttpResponse, LlmReply, ReplyEvent } from '@holdfast/core'
import type { ReadEntry, RunsApi } from '@holdfast/journal'
import { recogniseCall } from '@holdfast/wire'

export interface LiveOptions {
  /** @default the model that was asked */
  readonly model?: string | undefined
  /** System prompt to put in place of the recorded one. */
  readonly system?: string | undefined
  /** @default what the provider's SDK would take from the environment, else the provider itself */
  readonly baseUrl?: string | undefined
  readonly columns: number
}

/** Where requests of a format go, and with which key. */
interface Endpoint {
  readonly path: string
  readonly base: readonly [variable: string, usual: string]
  headers(): Record<string, string>
}

const openai = {
  base: ['OPENAI_BASE_URL', 'https://api.openai.com/v1'] as const,
  headers: () => ({ authorization: `Bearer ${keyFrom('OPENAI_API_KEY')}` }),
}

const endpoints: Readonly<Record<string, Endpoint>> = {
  'openai-chat': { ...openai, path: '/chat/completions' },
  'openai-responses': { ...openai, path: '/responses' },
  'anthropic-messages': {
    path: '/v1/messages',
    base: ['ANTHROPIC_BASE_URL', 'https://api.anthropic.com'],
    headers: () => ({
      'x-api-key': keyFrom('ANTHROPIC_API_KEY'),
      'anthropic-version': '2023-06-01',
    }),
  },
}

type LlmEntry = Extract<ReadEntry, { kind: 'llm' }>

/**
 * Asks a run's recorded requests again, of another model or with another system prompt, and tells recorded and new
 * answer side by side. Each request is the recorded one: no tool runs. Answers the number of answers that differ.
 */
export async function replayLive(
  runs: RunsApi,
  id: string,
  options: LiveOptions,
  write: (text: string) => void,
): Promise<number> {
  const entries = await runs.entries(id)
  const calls = entries.filter(
    (entry): entry is LlmEntry => entry.kind === 'llm' && entry.data.operation === 'chat',
  )
  if (calls.length === 0) {
    throw new HoldfastError('OPTIONS_INVALID', `there is no model call in run ${id}`)
  }
  let different = 0
  for (const [index, entry] of calls.entries()) {
    const body = await runs.request(id, entry.seq)
    if (body === undefined) {
      throw new HoldfastError('OPTIONS_INVALID', `run ${id} was exported without its content`)
    }
    const call = changed(entry, body, options)
    const before = await said(await openReply(call, recorded(entry)))
    const now = await said(await openReply(call, await send(call)))
    if (before !== now) different++
    write(`${index + 1} of ${calls.length}  ${entry.data.model} | ${call.model}\n`)
    write(`${sideBySide(before, now, options.columns)}\n\n`)
  }
  write(`${different} of ${calls.length} answers differ\n`)
  return different
}

function changed({ data }: LlmEntry, body: string, options: LiveOptions): LlmCall {
  const endpoint = endpoints[data.format]
  if (endpoint === undefined) {
    throw new HoldfastError(
      'OPTIONS_INVALID',
      `requests of ${data.format} cannot be asked again yet`,
    )
  }
  const [variable, usual] = endpoint.base
  const base = (options.baseUrl ?? (process.env[variable] || usual)).replace(/\/$/, '')
  const http = {
    method: 'POST',
    url: `${base}${endpoint.path}`,
    headers: httpHeaders({ 'content-type': 'application/json', ...endpoint.headers() }),
    body,
    signal: undefined,
    layer: 'fetch' as const,
  }
  const found = recogniseCall(http)
  if (found === undefined) {
    throw new HoldfastError('OPTIONS_INVALID', `${data.format}: the recorded request is not known`)
  }
  const { format, provider, facts } = found
  const { operation, model, streaming } = facts
  const call = new LlmCall({
    id: 'replay',
    format,
    operation,
    provider,
    model,
    streaming,
    http,
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit() {},
  })
  const { system, model: other } = options
  const asked = system === undefined ? undefined : { ...call.request, system: [text(system)] }
  return call.with({
    ...(asked === undefined ? {} : { request: asked }),
    ...(other === undefined ? {} : { model: other }),
  })
}

function text(value: string): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: value }
}

function recorded({ data, payload }: LlmEntry): HttpResponse {
  return {
    status: data.status,
    statusText: data.statusText,
    headers: httpHeaders(data.headers),
    body: bytesBody(payload ?? new Uint8Array(0)),
  }
}

async function send({ http }: LlmCall): Promise<HttpResponse> {
  const { url, method, headers, body } = http
  const response = await fetch(url, {
    method,
    headers: Object.fromEntries(headers.entries()),
    body: String(body),
  })
  return {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
    body: bytesBody(new Uint8Array(await response.arrayBuffer())),
  }
}

/** What a reply says, for people. */
async function said(reply: LlmReply): Promise<string> {
  const events: ReplyEvent[] = []
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    events.push(...frame.events)
  }
  if (reply.failure !== undefined) return `${reply.status}: ${reply.failure.message}`
  const { text: spoken, refusal = '', toolCalls } = assemble(events)
  const calls = toolCalls.map(({ name, arguments: given }) => `-> ${name} ${given}`)
  return [spoken, refusal, ...calls].filter((part) => part !== '').join('\n')
}

/** Two texts next to each other, line by line; lines that differ are marked. */
function sideBySide(one: string, other: string, columns: number): string {
  const width = Math.max(20, Math.floor((columns - 5) / 2))
  const left = wrapped(one, width)
  const right = wrapped(other, width)
  const lines: string[] = []
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [before = '', now = ''] = [left[index], right[index]]
    lines.push(`${before.padEnd(width)} ${before === now ? ' ' : '|'} ${now}`.trimEnd())
  }
  return lines.join('\n')
}

function wrapped(value: string, width: number): string[] {
  return value.split('\n').flatMap((line) => {
    const pieces: string[] = []
    for (let at = 0; at < line.length; at += width) pieces.push(line.slice(at, at + width))
    return pieces.length === 0 ? [''] : pieces
  })
}

function keyFrom(variable: string): string {
  const key = process.env[variable]
  if (key === undefined || key === '') {
    throw new HoldfastError('OPTIONS_INVALID', `${variable} is not set`)
  }
  return key
}
