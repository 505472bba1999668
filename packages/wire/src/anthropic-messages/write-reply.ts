import type {
  Failure,
  FinishReason,
  ReplyEvent,
  Usage,
  WireFormat,
  WriterFacts,
} from '@holdfast/core'
import { object } from '../json/json.ts'
import { argumentsOf, type Block, type ReplyContent } from '../reply/blocks.ts'
import { replyWriterOf, type ReplyWording } from '../reply/reply-writer.ts'
import { sseEvent } from '../sse/write-event.ts'
import { idRules } from './ids.ts'

type Json = Readonly<Record<string, unknown>>

/** Writes a reply as events of the Messages API, or as one message. */
export const replyWriter: NonNullable<WireFormat['replyWriter']> = replyWriterOf(
  (content, facts) => new MessagesWording(content, facts),
  // Thinking has to come back with a signature of Anthropic's own.
  { takesReasoning: false, ids: idRules },
)

class MessagesWording implements ReplyWording {
  readonly #content: ReplyContent
  readonly #facts: WriterFacts
  #open: Block | undefined
  #started = false

  constructor(content: ReplyContent, facts: WriterFacts) {
    this.#content = content
    this.#facts = facts
  }

  event(event: ReplyEvent, block: Block | undefined): string {
    if (event.type === 'keep-alive') return sseEvent({ type: 'ping' }, 'ping')
    if (event.type === 'error') return sseEvent(errorOf(event.failure, this.#facts), 'error')
    const start = this.#start()
    if (event.type === 'other-content' && event.name === 'citation') {
      const delta = { type: 'citations_delta', citation: event.value }
      return start + (this.#open?.type === 'text' ? this.#delta(this.#open, delta) : '')
    }
    if (block === undefined) return start
    let opened = ''
    if (block !== this.#open) {
      opened = this.#close()
      this.#open = block
      const content_block = emptyBlock(block)
      opened += say({ type: 'content_block_start', index: this.#indexOf(block), content_block })
    }
    const deltas = deltasOf(event).map((delta) => this.#delta(block, delta))
    return start + opened + deltas.join('')
  }

  end(): string {
    const [finish] = this.#content.finishes
    if (finish === undefined) return ''
    const delta = { stop_reason: rawReason(finish.reason, finish.raw), stop_sequence: null }
    const usage = usageOf(this.#content.usage ?? {})
    return (
      this.#start() +
      this.#close() +
      say({ type: 'message_delta', delta, usage }) +
      say({ type: 'message_stop' })
    )
  }

  whole(): unknown {
    const { blocks, finishes, usage, error } = this.#content
    if (error !== undefined) return errorOf(error.failure, this.#facts)
    const [finish] = finishes
    return {
      ...this.#head(),
      content: blocks.flatMap((block) =>
        block.type === 'other' && block.name === 'citation' ? [] : [wholeBlock(block)],
      ),
      stop_reason: finish ? rawReason(finish.reason, finish.raw) : null,
      stop_sequence: null,
      usage: usageOf(usage ?? {}),
    }
  }

  #head(): Json {
    const { id = 'msg_holdfast', model = this.#facts.model } = this.#content
    return { id, type: 'message', role: 'assistant', model }
  }

  #start(): string {
    if (this.#started) return ''
    this.#started = true
    const message = {
      ...this.#head(),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usageOf(this.#content.usage ?? {}), output_tokens: 0 },
    }
    return say({ type: 'message_start', message })
  }

  #delta(block: Block, delta: Json): string {
    return say({ type: 'content_block_delta', index: this.#indexOf(block), delta })
  }

  #close(): string {
    const block = this.#open
    this.#open = undefined
    if (block === undefined) return ''
    return say({ type: 'content_block_stop', index: this.#indexOf(block) })
  }

  #indexOf(block: Block): number {
    return this.#content.blocks.indexOf(block)
  }
}

function say(value: Json & { readonly type: string }): string {
  return sseEvent(value, value.type)
}

function emptyBlock(block: Block): Json {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: '' }
    case 'reasoning':
      return block.encrypted === ''
        ? { type: 'thinking', thinking: '', signature: '' }
        : { type: 'redacted_thinking', data: block.encrypted }
    case 'tool-call':
      return { type: 'tool_use', id: callId(block), name: block.name, input: {} }
    default:
      return { type: block.name, ...object(block.value) }
  }
}

function deltasOf(event: ReplyEvent): Json[] {
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
      return [{ type: 'text_delta', text: event.text }]
    case 'reasoning-delta': {
      const deltas: Json[] = []
      if (event.text !== '') deltas.push({ type: 'thinking_delta', thinking: event.text })
      if (event.signature) deltas.push({ type: 'signature_delta', signature: event.signature })
      return deltas
    }
    case 'tool-call-delta':
      return [{ type: 'input_json_delta', partial_json: event.arguments }]
    default:
      return []
  }
}

function wholeBlock(block: Block): Json {
  const empty = emptyBlock(block)
  switch (block.type) {
    case 'text':
    case 'refusal':
      return { ...empty, text: block.text }
    case 'reasoning':
      if (block.encrypted !== '') return empty
      return { ...empty, thinking: block.text, signature: block.signature }
    case 'tool-call':
      return { ...empty, input: argumentsOf(block.arguments) }
    default:
      return empty
  }
}

function callId(block: Extract<Block, { type: 'tool-call' }>): string {
  return block.id || `toolu_${block.index}`
}

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  'malformed-tool-call': 'end_turn',
  other: 'end_turn',
}

const ownReasons = new Set([
  ...Object.values(reasons),
  'stop_sequence',
  'pause_turn',
  'model_context_window_exceeded',
  'compaction',
])

function rawReason(reason: FinishReason, raw: string): string {
  return ownReasons.has(raw) ? raw : reasons[reason]
}

/** Input tokens are counted without the cached ones here. */
function usageOf(usage: Usage): Json {
  const cached = usage.cachedInputTokens ?? 0
  const written = usage.cacheWriteTokens ?? 0
  return {
    input_tokens: Math.max(0, (usage.inputTokens ?? 0) - cached - written),
    ...(usage.cacheWriteTokens === undefined ? {} : { cache_creation_input_tokens: written }),
    ...(usage.cachedInputTokens === undefined ? {} : { cache_read_input_tokens: cached }),
    output_tokens: usage.outputTokens ?? 0,
    ...(usage.reasoningTokens === undefined
      ? {}
      : { output_tokens_details: { thinking_tokens: usage.reasoningTokens } }),
  }
}

// https://platform.claude.com/docs/en/api/errors (2026-11-21)
const errorTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** An error in Anthropic's words: its own, or those that Anthropic has for the status. */
function errorOf(failure: Failure, { foreign = false }: WriterFacts): Json & { type: string } {
  const { message, status = 500, code = 'api_error' } = failure
  const usual = status < 500 ? 'invalid_request_error' : 'api_error'
  const type = foreign ? (errorTypes[status] ?? usual) : (failure.type ?? code)
  return { type: 'error', error: { type, message } }
}
