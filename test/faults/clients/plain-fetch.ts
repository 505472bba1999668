import type { Client, Question, Said, Wire } from './client.ts'
import { models, prompt, searchTool } from './client.ts'

/** An error status, as a careful application of plain fetch would throw it. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError'
  readonly status: number

  constructor(status: number, body: string) {
    super(`HTTP ${status}: ${body.slice(0, 200)}`)
    this.status = status
  }
}

/** The built-in fetch and a few lines of application code; it shows the bytes of the body. */
export const plainFetch: Client = {
  name: 'fetch',
  wires: ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'],
  statusError: () => 'HttpStatusError',
  lostConnection: [],
  errorClasses: [HttpStatusError],
  async ask(question, said) {
    const bytes: Uint8Array[] = (said.bytes = [])
    const response = await fetch(...requestOf(question))
    if (!response.ok || !question.stream) {
      const body = new Uint8Array(await response.arrayBuffer())
      bytes.push(body)
      const text = new TextDecoder().decode(body)
      if (!response.ok) throw new HttpStatusError(response.status, text)
      readers[question.wire](JSON.parse(text), said)
      return
    }
    const lines = new LineReader((line) => {
      if (!line.startsWith('data:')) return
      const data = line.slice('data:'.length).trim()
      if (data !== '' && data !== '[DONE]') readers[question.wire](JSON.parse(data), said)
    })
    for await (const chunk of response.body ?? []) {
      bytes.push(chunk)
      lines.push(chunk)
    }
  },
}

/** What fetch is called with: the same bytes for the same question. */
export function requestOf(question: Question): [url: string, init: RequestInit] {
  const { wire, baseUrl, stream, signal } = question
  const { path, headers, body } = requests[wire](question)
  return [
    `${baseUrl}${path}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(stream && wire !== 'gemini' ? { ...body, stream: true } : body),
      signal,
    },
  ]
}

interface Request {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

const { name, description, parameters } = searchTool

const requests: Readonly<Record<Wire, (question: Question) => Request>> = {
  'openai-chat': ({ tools }) => ({
    path: '/v1/chat/completions',
    headers: { authorization: 'Bearer sk-faults' },
    body: {
      model: models['openai-chat'],
      messages: [{ role: 'user', content: prompt }],
      ...(tools ? { tools: [{ type: 'function', function: searchTool }] } : {}),
    },
  }),
  'openai-responses': ({ tools }) => ({
    path: '/v1/responses',
    headers: { authorization: 'Bearer sk-faults' },
    body: {
      model: models['openai-responses'],
      input: prompt,
      ...(tools ? { tools: [{ type: 'function', ...searchTool }] } : {}),
    },
  }),
  'anthropic-messages': ({ tools }) => ({
    path: '/v1/messages',
    headers: { 'x-api-key': 'sk-ant-faults', 'anthropic-version': '2023-06-01' },
    body: {
      model: models['anthropic-messages'],
      max_tokens: 1024,
      messages: [{ role: 'user', content: prompt }],
      ...(tools ? { tools: [{ name, description, input_schema: parameters }] } : {}),
    },
  }),
  gemini: ({ tools, stream }) => ({
    path: `/v1beta/models/${models.gemini}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { 'x-goog-api-key': 'faults' },
    body: {
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      ...(tools ? { tools: [{ functionDeclarations: [{ name, description, parameters }] }] } : {}),
    },
  }),
}

/** The fields that an application reads, of a whole body and of a stream event alike. */
interface Loose {
  readonly [key: string]: Loose | undefined
}

const readers: Readonly<Record<Wire, (data: Loose, said: Said) => void>> = {
  'openai-chat'(data, said) {
    throwOn(data?.['error'])
    const choice = data?.['choices']?.[0]
    const message = choice?.['delta'] ?? choice?.['message']
    said.text += string(message?.['content']) ?? ''
    said.finish = string(choice?.['finish_reason']) ?? said.finish
    for (const call of list(message?.['tool_calls'])) addCall(said, call['function'], 'arguments')
  },
  'openai-responses'(data, said) {
    const type = string(data?.['type'])
    if (type === 'error') throwOn(data)
    if (type === 'response.output_text.delta') said.text += string(data['delta']) ?? ''
    const response = data?.['response'] ?? (type === undefined ? data : undefined)
    throwOn(response?.['error'])
    const status = string(response?.['status'])
    if (response === undefined || status === 'in_progress' || status === 'queued') return
    said.finish = string(response['incomplete_details']?.['reason']) ?? status
    for (const item of list(response['output'])) {
      if (string(item['type']) === 'function_call') addCall(said, item, 'arguments')
      if (type !== undefined) continue
      for (const part of list(item['content'])) said.text += string(part['text']) ?? ''
    }
  },
  'anthropic-messages'(data, said) {
    throwOn(data?.['error'])
    for (const block of list(data?.['content'])) {
      said.text += string(block['text']) ?? ''
      if (string(block['type']) === 'tool_use') addCall(said, block, 'input')
    }
    const block = data?.['content_block']
    if (string(block?.['type']) === 'tool_use') addCall(said, block, 'input')
    said.text += string(data?.['delta']?.['text']) ?? ''
    said.finish =
      string(data?.['stop_reason']) ?? string(data?.['delta']?.['stop_reason']) ?? said.finish
  },
  gemini(data, said) {
    throwOn(data?.['error'])
    const candidate = data?.['candidates']?.[0]
    for (const part of list(candidate?.['content']?.['parts'])) {
      said.text += string(part['text']) ?? ''
      if (part['functionCall'] !== undefined) addCall(said, part['functionCall'], 'args')
    }
    said.finish = string(candidate?.['finishReason']) ?? said.finish
  },
}

function addCall(said: Said, call: Loose | undefined, field: string): void {
  const called = string(call?.['name'])
  if (called !== undefined) said.toolCalls.push({ name: called, arguments: call?.[field] })
}

function throwOn(error: unknown): void {
  if (error !== undefined && error !== null)
    throw new Error(`the answer says: ${JSON.stringify(error)}`)
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function list(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value : []
}

/** Cuts bytes into lines; what stands after the last line break never becomes one. */
class LineReader {
  readonly #decoder = new TextDecoder()
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(bytes: Uint8Array): void {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true })
    // A CR at the end may be half a line break.
    const lines = text.split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#onLine(line)
  }
}
