import type { AgentStart, Wire } from './driver.ts'

/** A tool call as it stands in a reply; its arguments are read with good will. */
export interface ModelCall {
  readonly id: string
  readonly name: string
  readonly arguments: unknown
  /** As it is put back into the conversation. */
  readonly written: unknown
}

/** Where a reply is told to, piece by piece. */
export interface Reply {
  text: string
  /** A call that is complete. */
  call(call: ModelCall): void
}

/** One provider format, as far as a loop needs it. */
export interface Format {
  question(text: string): object
  request(
    start: AgentStart,
    instructions: string,
    history: readonly object[],
  ): { readonly path: string; readonly headers: Record<string, string>; readonly body: object }
  whole(body: unknown, reply: Reply): void
  /** Reads the data of a stream's events, one after the other. */
  stream(reply: Reply): (data: unknown) => void
  /** What the model said and the results of its calls, for the next request. */
  turn(text: string, results: readonly Done[]): readonly object[]
}

interface Done {
  readonly call: ModelCall
  readonly result: string
}

/** The formats. */
export const formats: Readonly<Record<Wire, Format>> = {
  'openai-chat': {
    question: (content) => ({ role: 'user', content }),
    request: ({ tools, stream }, instructions, history) => ({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-lab' },
      body: {
        model: 'gpt-lab',
        messages: [{ role: 'system', content: instructions }, ...history],
        tools: tools.map((tool) => ({ type: 'function', function: tool })),
        ...(stream ? { stream } : {}),
      },
    }),
    whole(body, reply) {
      const message = (body as ChatBody).choices[0]?.message
      reply.text = message?.content ?? ''
      const { name, arguments: text } = message?.function_call ?? {}
      if (name !== undefined) reply.call(written('', name, text ?? ''))
      for (const call of message?.tool_calls ?? []) {
        reply.call(written(call.id, call.function.name, call.function.arguments))
      }
    },
    stream(reply) {
      const open = new Map<number, { id: string; name: string; text: string }>()
      return (data) => {
        const delta = (data as ChatChunk).choices[0]?.delta
        reply.text += delta?.content ?? ''
        const ofOld = delta?.function_call
        const old = ofOld === undefined ? [] : [{ index: -1, id: '', function: ofOld }]
        for (const { index, id, function: part } of [...old, ...(delta?.tool_calls ?? [])]) {
          const call = open.get(index) ?? { id: id ?? '', name: part.name ?? '', text: '' }
          open.set(index, call)
          if (isComplete(call.text)) continue
          call.text += part.arguments ?? ''
          if (isComplete(call.text)) reply.call(written(call.id, call.name, call.text))
        }
      }
    },
    turn: (content, results) => [
      {
        role: 'assistant',
        content,
        tool_calls: results.map(({ call: { id, name, written: text } }) => ({
          id,
          type: 'function',
          function: { name, arguments: text },
        })),
      },
      ...results.map(({ call: { id }, result }) => ({
        role: 'tool',
        tool_call_id: id,
        content: result,
      })),
    ],
  },
  'openai-responses': {
    question: (content) => ({ role: 'user', content }),
    request: ({ tools, stream }, instructions, input) => ({
      path: '/v1/responses',
      headers: { authorization: 'Bearer sk-lab' },
      body: {
        model: 'gpt-lab',
        instructions,
        input,
        tools: tools.map((tool) => ({ type: 'function', strict: false, ...tool })),
        ...(stream ? { stream } : {}),
      },
    }),
    whole(body, reply) {
      for (const item of (body as ResponsesBody).output) readItem(item, reply)
    },
    stream: (reply) => (data) => {
      const { type, item } = data as ResponsesEvent
      if (type === 'response.output_item.done' && item !== undefined) readItem(item, reply)
    },
    turn: (content, results) => [
      ...(content === '' ? [] : [{ role: 'assistant', content }]),
      ...results.map(({ call: { id, name, written: text } }) => ({
        type: 'function_call',
        call_id: id,
        name,
        arguments: text,
      })),
      ...results.map(({ call: { id }, result }) => ({
        type: 'function_call_output',
        call_id: id,
        output: result,
      })),
    ],
  },
  'anthropic-messages': {
    question: (content) => ({ role: 'user', content }),
    request: ({ tools, stream }, system, messages) => ({
      path: '/v1/messages',
      headers: { 'x-api-key': 'sk-lab', 'anthropic-version': '2023-06-01' },
      body: {
        model: 'claude-lab',
        max_tokens: 1000,
        system,
        messages,
        tools: tools.map(({ name, description, parameters }) => ({
          name,
          description,
          input_schema: parameters,
        })),
        ...(stream ? { stream } : {}),
      },
    }),
    whole(body, reply) {
      for (const { type, text, id, name, input } of (body as MessagesBody).content) {
        if (type === 'text') reply.text += text ?? ''
        if (type === 'tool_use') reply.call(valued(id, name, input))
      }
    },
    stream(reply) {
      let open: { id: string; name: string; text: string } | undefined
      return (data) => {
        const { type, content_block: block, delta } = data as MessagesEvent
        if (type === 'content_block_start' && block?.type === 'tool_use') {
          open = { id: block.id ?? '', name: block.name ?? '', text: '' }
        }
        reply.text += delta?.text ?? ''
        if (open !== undefined) open.text += delta?.partial_json ?? ''
        if (open === undefined || !(isComplete(open.text) || type === 'content_block_stop')) return
        const given: unknown = JSON.parse(open.text === '' ? '{}' : open.text)
        reply.call(valued(open.id, open.name, given))
        open = undefined
      }
    },
    turn: (text, results) => [
      {
        role: 'assistant',
        content: [
          ...(text === '' ? [] : [{ type: 'text', text }]),
          ...results.map(({ call: { id, name, written: input } }) => ({
            type: 'tool_use',
            id,
            name,
            input,
          })),
        ],
      },
      {
        role: 'user',
        content: results.map(({ call: { id }, result: content }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content,
        })),
      },
    ],
  },
  gemini: {
    question: (text) => ({ role: 'user', parts: [{ text }] }),
    request: ({ tools, stream }, text, contents) => ({
      path: `/v1beta/models/gemini-lab:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      headers: { 'x-goog-api-key': 'lab' },
      body: {
        systemInstruction: { parts: [{ text }] },
        contents,
        tools: [
          {
            functionDeclarations: tools.map(({ name, description, parameters }) => ({
              name,
              description,
              parametersJsonSchema: parameters,
            })),
          },
        ],
      },
    }),
    whole: readCandidate,
    stream: (reply) => (data) => readCandidate(data, reply),
    turn: (text, results) => [
      {
        role: 'model',
        parts: [
          ...(text === '' ? [] : [{ text }]),
          ...results.map(({ call: { name, written: args } }) => ({ functionCall: { name, args } })),
        ],
      },
      {
        role: 'user',
        parts: results.map(({ call: { name }, result: output }) => ({
          functionResponse: { name, response: { output } },
        })),
      },
    ],
  },
}

interface ChatCall {
  readonly id: string
  readonly function: { readonly name: string; readonly arguments: string }
}
interface ChatFunction {
  readonly name?: string
  readonly arguments?: string
}
interface ChatBody {
  readonly choices: readonly {
    readonly message: {
      readonly content?: string | null
      readonly tool_calls?: readonly ChatCall[]
      readonly function_call?: ChatFunction
    }
  }[]
}
interface ChatChunk {
  readonly choices: readonly {
    readonly delta?: {
      readonly content?: string | null
      readonly tool_calls?: readonly {
        readonly index: number
        readonly id?: string
        readonly function: ChatFunction
      }[]
      readonly function_call?: ChatFunction
    }
  }[]
}
interface ResponsesItem {
  readonly type: string
  readonly content?: readonly { readonly text?: string }[]
  readonly call_id?: string
  readonly name?: string
  readonly arguments?: string
  readonly action?: unknown
}
interface ResponsesBody {
  readonly output: readonly ResponsesItem[]
}
interface ResponsesEvent {
  readonly type: string
  readonly item?: ResponsesItem
}
interface MessagesBlock {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly name?: string
  readonly input?: unknown
}
interface MessagesBody {
  readonly content: readonly MessagesBlock[]
}
interface MessagesEvent {
  readonly type: string
  readonly content_block?: MessagesBlock
  readonly delta?: { readonly text?: string; readonly partial_json?: string }
}
interface GeminiBody {
  readonly candidates?: readonly {
    readonly content?: {
      readonly parts?: readonly {
        readonly text?: string
        readonly functionCall?: {
          readonly id?: string
          readonly name: string
          readonly args?: unknown
        }
      }[]
    }
  }[]
}

function readItem(item: ResponsesItem, reply: Reply) {
  const { type, content, call_id: id } = item
  if (type === 'message') reply.text += (content ?? []).map((part) => part.text ?? '').join('')
  if (type === 'function_call') reply.call(written(id, item.name, item.arguments ?? ''))
  if (type === 'shell_call') reply.call(written(id, 'shell', JSON.stringify(item.action)))
}

function readCandidate(body: unknown, reply: Reply): void {
  for (const { text, functionCall } of (body as GeminiBody).candidates?.[0]?.content?.parts ?? []) {
    reply.text += text ?? ''
    if (functionCall === undefined) continue
    reply.call(valued(functionCall.id, functionCall.name, functionCall.args))
  }
}

/** A call whose arguments are a text. */
function written(id = '', name = '', text: string): ModelCall {
  return { id, name, arguments: meant(text), written: text }
}

/** A call whose arguments are a value. */
function valued(id = '', name = '', value: unknown): ModelCall {
  return { id, name, arguments: meant(value), written: value }
}

/** Arguments as they are meant, also where somebody has quoted them once too often. */
function meant(given: unknown): unknown {
  if (typeof given !== 'string') return given
  if (given === '') return {}
  try {
    return meant(JSON.parse(given))
  } catch {
    return given
  }
}

function isComplete(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
