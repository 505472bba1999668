import { bytesBody, HoldfastError, httpHeaders, LlmCall, openReply } from '@holdfast/core'
import type { HttpResponse } from '@holdfast/core'
import type { Progress, ReadEntry, RunsApi } from '@holdfast/journal'
import { recogniseCall } from '@holdfast/wire'
import { recordedResponse, replyText } from '../../journal/display.ts'

export interface LiveOptions {
  /** @default the model that was asked */
  readonly model?: string | undefined
  /** System prompt to put in place of the recorded one. */
  readonly system?: string | undefined
  /** @default what the provider's SDK would take from the environment, else the provider itself */
  readonly baseUrl?: string | undefined
  readonly columns: number
  readonly onProgress?: Progress
}

type LlmEntry = Extract<ReadEntry, { kind: 'llm' }>

/** Where requests of a format go, and with which key. */
interface Endpoint {
  /** Where the request goes; what a format says in its address is said by the record. */
  path(record: LlmEntry['data']): string
  readonly base: readonly [variable: string, usual: string]
  headers(): Record<string, string>
}

const openai = {
  base: ['OPENAI_BASE_URL', 'https://api.openai.com/v1'] as const,
  headers: () => ({ authorization: `Bearer ${keyFrom('OPENAI_API_KEY')}` }),
}

const endpoints: Readonly<Record<string, Endpoint>> = {
  'openai-chat': { ...openai, path: () => '/chat/completions' },
  'openai-responses': { ...openai, path: () => '/responses' },
  'anthropic-messages': {
    path: () => '/v1/messages',
    base: ['ANTHROPIC_BASE_URL', 'https://api.anthropic.com'],
    headers: () => ({
      'x-api-key': keyFrom('ANTHROPIC_API_KEY'),
      'anthropic-version': '2023-06-01',
    }),
  },
  // https://ai.google.dev/api/generate-content (2026-11-21)
  gemini: {
    path: ({ model, streaming }) =>
      `/v1beta/models/${encodeURIComponent(model)}:${streaming ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    base: ['GOOGLE_GEMINI_BASE_URL', 'https://generativelanguage.googleapis.com'],
    headers: () => ({ 'x-goog-api-key': keyFrom('GEMINI_API_KEY', 'GOOGLE_API_KEY') }),
  },
}

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
    options.onProgress?.(index, calls.length)
    const body = await runs.request(id, entry.seq)
    if (body === undefined) {
      throw new HoldfastError('OPTIONS_INVALID', `run ${id} was exported without its content`)
    }
    const call = changed(entry, body, options)
    const { data, payload = new Uint8Array(0) } = entry
    const before = await replyText(await openReply(call, recordedResponse(data, payload)))
    const now = await replyText(await openReply(call, await send(call)))
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
    url: `${base}${endpoint.path(data)}`,
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

/** The key that the first of the variables holds. */
function keyFrom(...variables: readonly string[]): string {
  const key = variables.map((variable) => process.env[variable]).find(Boolean)
  if (key === undefined) {
    throw new HoldfastError('OPTIONS_INVALID', `${variables.join(' or ')} is not set`)
  }
  return key
}
