import type { MediaPart, Message, Part, ReplyEvent } from '@holdfast/core'

/** Takes out of a text what must not be seen. */
export type Redact = (text: string) => string

/** A message as the GenAI conventions write it (gen-ai-input-messages.json, gen-ai-output-messages.json; 2026-11-21). */
export interface ConventionMessage {
  readonly role: string
  readonly parts: ConventionPart[]
  readonly finish_reason?: string
}

export type ConventionPart = Record<string, unknown> & { type: string }

/** `gen_ai.input.messages`. */
export function inputMessages(messages: readonly Message[], redact: Redact): ConventionMessage[] {
  return messages.map(({ role, parts }) => ({
    role,
    parts: parts.map((part) => conventionPart(part, redact)),
  }))
}

/** `gen_ai.system_instructions`. */
export function systemInstructions(system: readonly Part[], redact: Redact): ConventionPart[] {
  return system.map((part) => conventionPart(part, redact))
}

/** `gen_ai.output.messages`: one message per choice, its pieces joined. */
export function outputMessages(events: readonly ReplyEvent[], redact: Redact): ConventionMessage[] {
  const choices: Choice[] = []
  const choiceOf = (choice: number): Choice => (choices[choice] ??= new Choice())
  for (const event of events) {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        choiceOf(event.choice).say('text', event.text)
        break
      case 'reasoning-delta':
        choiceOf(event.choice).say('reasoning', event.text)
        break
      case 'tool-call-start':
        choiceOf(event.choice).startTool(event.index, event.id, event.name)
        break
      case 'tool-call-delta':
        choiceOf(event.choice).continueTool(event.index, event.arguments)
        break
      case 'finish':
        choiceOf(event.choice).finishReason = finishReasons[event.reason] ?? event.raw
        break
      default:
    }
  }
  return Object.values(choices).map((choice) => choice.message(redact))
}

/** JSON text as the value it stands for, with every string in it redacted; other text as text. */
export function redactedJson(json: unknown, redact: Redact): unknown {
  if (typeof json !== 'string') return redactedValue(json, redact)
  try {
    return redactedValue(JSON.parse(json) as unknown, redact)
  } catch {
    return redact(json)
  }
}

const finishReasons: Readonly<Record<string, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_call',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  'malformed-tool-call': 'error',
}

/** One alternative of an answer, put together from its pieces. */
class Choice {
  finishReason = 'error'
  readonly #pieces: { type: 'text' | 'reasoning'; text: string }[] = []
  readonly #tools = new Map<number, { id: string; name: string; arguments: string }>()

  say(type: 'text' | 'reasoning', text: string): void {
    const last = this.#pieces.at(-1)
    if (last?.type === type) last.text += text
    else this.#pieces.push({ type, text })
  }

  startTool(index: number, id: string, name: string): void {
    this.#tools.set(index, { id, name, arguments: '' })
  }

  continueTool(index: number, piece: string): void {
    const tool = this.#tools.get(index)
    if (tool !== undefined) tool.arguments += piece
  }

  message(redact: Redact): ConventionMessage {
    return {
      role: 'assistant',
      parts: [
        ...this.#pieces.map(({ type, text }) => ({ type, content: redact(text) })),
        ...Array.from(this.#tools.values(), (tool) => ({
          type: 'tool_call',
          id: tool.id,
          name: tool.name,
          arguments: redactedJson(tool.arguments, redact),
        })),
      ],
      finish_reason: this.finishReason,
    }
  }
}

function conventionPart(part: Part, redact: Redact): ConventionPart {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { type: 'text', content: redact(part.text) }
    case 'reasoning':
      return { type: 'reasoning', content: redact(part.text) }
    case 'tool-call':
      return {
        type: 'tool_call',
        id: part.id,
        name: part.name,
        arguments: redactedJson(part.arguments, redact),
      }
    case 'tool-result':
      return {
        type: 'tool_call_response',
        id: part.id,
        response: part.parts.map((inner) => conventionPart(inner, redact)),
      }
    case 'media':
      return mediaPart(part)
    default:
      // Its form is unknown, and so is what it holds.
      return { type: 'other' }
  }
}

/** Says what was sent, never the bytes: they would not fit. */
function mediaPart(part: MediaPart): ConventionPart {
  const about = { modality: part.kind, mime_type: part.mediaType ?? null }
  if (part.fileId !== undefined) return { type: 'file', ...about, file_id: part.fileId }
  if (part.url !== undefined && !part.url.startsWith('data:')) {
    // A signed URL is a key: its query stays here.
    return { type: 'uri', ...about, uri: part.url.replace(/[?#].*$/s, '') }
  }
  return { type: 'blob', ...about, content: '' }
}

function redactedValue(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((item) => redactedValue(item, redact))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redactedValue(inner, redact)]),
  )
}
