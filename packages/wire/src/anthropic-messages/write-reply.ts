import type { Failure, FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { object, parseJson } from '../json/json.ts'
import { addTo, type Block, contentOf, type ReplyContent } from '../reply/blocks.ts'
import { bytesOf, sseEvent } from '../sse/write-event.ts'

type Json = Readonly<Record<string, unknown>>

/** Writes a reply as events of the Messages API, one piece per event, or as one message. */
export function writeReply(
  events: readonly ReplyEvent[],
  facts: { readonly streaming: boolean; readonly model: string },
): Uint8Array[] {
  const content = contentOf(events)
  if (facts.streaming) return new StreamWriter(content, facts.model).write(events)
  return [bytesOf(JSON.stringify(wholeOf(content, facts.model)))]
}

class StreamWriter {
  readonly #content: ReplyContent
  readonly #model: string
  readonly #blocks: Block[] = []
  #open: Block | undefined
  #started = false

  constructor(content: ReplyContent, model: string) {
    this.#content = content
    this.#model = model
  }

  write(events: readonly ReplyEvent[]): Uint8Array[] {
    return events.map((event, at) => {
      const written = this.#event(event)
      return bytesOf(at === events.length - 1 ? written + this.#end() : written)
    })
  }

  #event(event: ReplyEvent): string {
    if (event.type === 'keep-alive') return sseEvent({ type: 'ping' }, 'ping')
    if (event.type === 'error') return sseEvent(errorOf(event.failure), 'error')
    const start = this.#start()
    if (event.type === 'other-content' && event.name === 'citation') {
      const delta = { type: 'citations_delta', citation: event.value }
      return start + (this.#open?.type === 'text' ? this.#delta(this.#open, delta) : '')
    }
    const block = addTo(this.#blocks, event)
    if (block === undefined) return start
    let opened = ''
    if (block !== this.#open) {
      opened = this.#close()
      this.#open = block
      const index = this.#blocks.indexOf(block)
      opened += say({ type: 'content_block_start', index, content_block: emptyBlock(block) })
    }
    return (
      start +
      opened +
      deltasOf(event)
        .map((delta) => this.#delta(block, delta))
        .join('')
    )
  }

  #start(): string {
    if (this.#started) return ''
    this.#started = true
    const { id, model, usage } = this.#content
    const message = {
      ...head(id, model ?? this.#model),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usageOf(usage ?? {}), output_tokens: 0 },
    }
    return say({ type: 'message_start', message })
  }

  #delta(block: Block, delta: Json): string {
    return say({ type: 'content_block_delta', index: this.#blocks.indexOf(block), delta })
  }

  #close(): string {
    const block = this.#open
    this.#open = undefined
    if (block === undefined) return ''
    return say({ type: 'content_block_stop', index: this.#blocks.indexOf(block) })
  }

  /** The closing events, where the reply has an end. */
  #end(): string {
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

function wholeOf(content: ReplyContent, asked: string): Json {
  if (content.error !== undefined) return errorOf(content.error.failure)
  const [finish] = content.finishes
  return {
    ...head(content.id, content.model ?? asked),
    content: content.blocks.flatMap((block) =>
      block.type === 'other' && block.name === 'citation' ? [] : [wholeBlock(block)],
    ),
    stop_reason: finish ? rawReason(finish.reason, finish.raw) : null,
    stop_sequence: null,
    usage: usageOf(content.usage ?? {}),
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
      return { ...empty, input: object(parseJson(block.arguments)) ?? {} }
    default:
      return empty
  }
}

function callId(block: Extract<Block, { type: 'tool-call' }>): string {
  return block.id || `toolu_${block.index}`
}

function head(id: string | undefined, model: string): Json {
  return { id: id ?? 'msg_holdfast', type: 'message', role: 'assistant', model }
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

function errorOf({ code = 'api_error', type = code, message }: Failure): Json & { type: string } {
  return { type: 'error', error: { type, message } }
}
