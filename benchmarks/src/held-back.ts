import { setTimeout } from 'node:timers/promises'
import { startLab } from '@holdfast/lab'
import type { Step } from '@holdfast/lab'

/** The formats whose streams are looked at. */
export const streamedFormats = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
] as const
export type StreamedFormat = (typeof streamedFormats)[number]

/** One piece of a streamed reply, as the provider sent it. */
export interface HandedOn {
  /** `end` says how the reply ended. */
  readonly kind: 'opening' | 'text' | 'call' | 'between' | 'end'
  readonly index: number
  /** How many pieces after it had to be sent before all of it was handed on; 0 is at once. */
  readonly heldFor: number
}

/** What became of a stream. */
export interface HeldBack {
  readonly pieces: readonly HandedOn[]
  /** True where the reader got the provider's bytes. */
  readonly untouched: boolean
}

/** Pieces of text that were not handed on at once, and pieces of calls that waited for more than the reply's end. */
export function latePieces({ pieces }: HeldBack): {
  readonly text: readonly HandedOn[]
  readonly calls: readonly HandedOn[]
} {
  // A call that the token limit may have cut off is whole when the reply says that it was not.
  const end = pieces.findIndex(({ kind }) => kind === 'end')
  return {
    text: pieces.filter(({ kind, heldFor }) => kind === 'text' && heldFor > 0),
    calls: pieces.filter(({ kind, index, heldFor }) => kind === 'call' && index + heldFor > end),
  }
}

const step: Step = {
  text: 'First I look where we are and then I read the file that you named to me.',
  toolCalls: [
    { name: 'search', arguments: { query: 'what the weather is like in the north this week' } },
    { name: 'search', arguments: { query: 'and how it will be after that' } },
  ],
}

/** Long enough for a piece to come through on a busy machine. */
const patienceMs = 40

/**
 * Sends a reply of text and tool calls piece by piece, the next one only when the reader has the last one, or when it
 * does not come: what is held back shows in how many more pieces it takes.
 */
export async function heldBack(format: StreamedFormat): Promise<HeldBack> {
  const sent: { bytes: Uint8Array; end: number; readAfter: number }[] = []
  let read = 0
  const got: Uint8Array[] = []
  const noteRead = (): void => {
    for (const piece of sent) {
      if (piece.readAfter === -1 && piece.end <= read) piece.readAfter = sent.length
    }
  }
  const isRead = (): boolean => sent.at(-1)?.readAfter !== -1
  const settled = async (): Promise<void> => {
    for (let waitedMs = 0; !isRead() && waitedMs < patienceMs; waitedMs += 2) await setTimeout(2)
  }
  await using lab = await startLab({
    script: step,
    async beforePiece({ bytes }) {
      await settled()
      sent.push({ bytes, end: (sent.at(-1)?.end ?? 0) + bytes.length, readAfter: -1 })
    },
  })
  const { path, body } = requests[format]
  const response = await fetch(`${lab.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  for await (const bytes of response.body ?? []) {
    got.push(bytes)
    read += bytes.length
    noteRead()
  }
  const kinds = kindsOf(sent.map(({ bytes }) => Buffer.from(bytes).toString()))
  return {
    pieces: sent.map(({ readAfter }, index) => ({
      kind: kinds[index] ?? 'between',
      index,
      heldFor: (readAfter === -1 ? sent.length : readAfter) - index - 1,
    })),
    untouched: Buffer.concat(got).equals(Buffer.concat(sent.map(({ bytes }) => bytes))),
  }
}

/** What each piece is for: a call lasts from where its tool is named to where its arguments end. */
function kindsOf(texts: readonly string[]): HandedOn['kind'][] {
  const isText = /"content":"[^"]|output_text\.delta|text_delta|"parts":\s*\[\s*\{\s*"text"/
  const isCall =
    /"tool_calls":|function_call_arguments|"type":"function_call"|"tool_use"|input_json_delta|functionCall/
  const isEnd = /"finish_reason":"|"finishReason":|message_delta|response\.completed/
  const first = texts.findIndex((text) => isText.test(text))
  return texts.map((text, index) => {
    if (isEnd.test(text)) return 'end'
    if (isCall.test(text)) return 'call'
    if (isText.test(text)) return 'text'
    return index < first ? 'opening' : 'between'
  })
}

const question = 'How is the weather?'
const tool = {
  name: 'search',
  description: 'Searches the library.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string' } },
    required: ['query'],
  },
}
const messages = [{ role: 'user', content: question }]

const requests: Readonly<Record<StreamedFormat, { readonly path: string; readonly body: object }>> =
  {
    'openai-chat': {
      path: '/v1/chat/completions',
      body: {
        model: 'lab',
        stream: true,
        messages,
        tools: [{ type: 'function', function: tool }],
      },
    },
    'openai-responses': {
      path: '/v1/responses',
      body: {
        model: 'lab',
        stream: true,
        input: question,
        tools: [{ type: 'function', strict: false, ...tool }],
      },
    },
    'anthropic-messages': {
      path: '/v1/messages',
      body: {
        model: 'lab',
        max_tokens: 500,
        stream: true,
        messages,
        tools: [{ name: tool.name, description: tool.description, input_schema: tool.parameters }],
      },
    },
    gemini: {
      path: '/v1beta/models/lab:streamGenerateContent?alt=sse',
      body: {
        contents: [{ role: 'user', parts: [{ text: question }] }],
        tools: [
          {
            functionDeclarations: [
              {
                name: tool.name,
                description: tool.description,
                parametersJsonSchema: tool.parameters,
              },
            ],
          },
        ],
      },
    },
  }
