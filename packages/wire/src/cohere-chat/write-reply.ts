import type { FinishReason, ReplyEvent, Usage, WireFormat, WriterFacts } from '@holdfast/core'
import type { JsonObject } from '../json/json.ts'
import type { Block, ReplyContent } from '../reply/blocks.ts'
import { type ReplyWording, replyWriterOf } from '../reply/reply-writer.ts'
import { sseEvent } from '../sse/write-event.ts'
import { idRules } from './ids.ts'

/** Writes a reply as events of Cohere's v2 chat, or as one answer. */
export const replyWriter: NonNullable<WireFormat['replyWriter']> = replyWriterOf(
  (content, facts) => new CohereWording(content, facts),
  { takesReasoning: true, ids: idRules },
)

class CohereWording implements ReplyWording {
  readonly #content: ReplyContent
  #open: Block | undefined
  #started = false

  constructor(content: ReplyContent, _facts: WriterFacts) {
    this.#content = content
  }

  event(event: ReplyEvent, block: Block | undefined): string {
    if (event.type === 'keep-alive') return ': keep-alive\n\n'
    if (event.type === 'error') {
      const { message: error } = event.failure
      return say('message-end', { delta: { finish_reason: 'ERROR', error } })
    }
    const start = this.#start()
    if (event.type === 'other-content' && event.name === 'citation') {
      const delta = { message: { citations: event.value } }
      return start + say('citation-start', { index: 0, delta }) + say('citation-end', { index: 0 })
    }
    if (block === undefined || block.type === 'other') return start
    const opened = block === this.#open ? '' : this.#close() + this.#openBlock(block)
    return start + opened + this.#delta(event)
  }

  end(): string {
    const { finishes, usage } = this.#content
    const delta = {
      finish_reason: reasonOf(finishes[0]),
      ...(usage === undefined ? {} : { usage: usageOf(usage) }),
    }
    return `${this.#start()}${this.#close()}${say('message-end', { delta })}data: [DONE]\n\n`
  }

  whole(): unknown {
    const { id = 'holdfast', blocks, finishes, usage, error } = this.#content
    if (error !== undefined) return { message: error.failure.message }
    const content = blocks.flatMap(wholeContent)
    const calls = blocks.filter((block) => block.type === 'tool-call')
    const tool_calls = calls.map((call) => toolCall(call, call.arguments))
    return {
      id,
      finish_reason: reasonOf(finishes[0]),
      message: {
        role: 'assistant',
        ...(content.length > 0 ? { content } : {}),
        ...(calls.length > 0 ? { tool_calls } : {}),
      },
      ...(usage === undefined ? {} : { usage: usageOf(usage) }),
    }
  }

  #start(): string {
    if (this.#started) return ''
    this.#started = true
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    return say('message-start', { id: this.#content.id ?? 'holdfast', delta: { message } })
  }

  #openBlock(block: Exclude<Block, { type: 'other' }>): string {
    this.#open = block
    const index = this.#indexOf(block)
    if (block.type === 'tool-call') {
      const delta = { message: { tool_calls: toolCall(block, '') } }
      return say('tool-call-start', { index, delta })
    }
    const content =
      block.type === 'reasoning' ? { type: 'thinking', thinking: '' } : { type: 'text', text: '' }
    return say('content-start', { index, delta: { message: { content } } })
  }

  #delta(event: ReplyEvent): string {
    const index = this.#open === undefined ? 0 : this.#indexOf(this.#open)
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        return say('content-delta', {
          index,
          delta: { message: { content: { text: event.text } } },
        })
      case 'reasoning-delta': {
        if (event.text === '') return ''
        const content = { thinking: event.text }
        return say('content-delta', { index, delta: { message: { content } } })
      }
      case 'tool-call-delta': {
        const tool_calls = { function: { arguments: event.arguments } }
        return say('tool-call-delta', { index, delta: { message: { tool_calls } } })
      }
      default:
        return ''
    }
  }

  #close(): string {
    const block = this.#open
    this.#open = undefined
    if (block === undefined) return ''
    const type = block.type === 'tool-call' ? 'tool-call-end' : 'content-end'
    return say(type, { index: this.#indexOf(block) })
  }

  /** Content and tool calls are counted apart. */
  #indexOf(block: Block): number {
    const isCall = block.type === 'tool-call'
    const alike = this.#content.blocks.filter(({ type }) => {
      return type !== 'other' && (type === 'tool-call') === isCall
    })
    return alike.indexOf(block)
  }
}

function say(type: string, value: JsonObject): string {
  return sseEvent({ type, ...value }, type)
}

function toolCall(block: Extract<Block, { type: 'tool-call' }>, json: string): JsonObject {
  const id = block.id || `${block.name}_${block.index}`
  return { id, type: 'function', function: { name: block.name, arguments: json } }
}

function wholeContent(block: Block): unknown[] {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return [{ type: 'text', text: block.text }]
    case 'reasoning':
      return block.text === '' ? [] : [{ type: 'thinking', thinking: block.text }]
    default:
      return []
  }
}

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  'content-filter': 'ERROR_TOXIC',
  refusal: 'COMPLETE',
  'malformed-tool-call': 'COMPLETE',
  other: 'COMPLETE',
}

function reasonOf(finish: ReplyContent['finishes'][number] | undefined): string {
  if (finish === undefined) return 'COMPLETE'
  const own = Object.values(reasons).includes(finish.raw) || finish.raw === 'STOP_SEQUENCE'
  return own ? finish.raw : reasons[finish.reason]
}

function usageOf({ inputTokens = 0, outputTokens = 0, cachedInputTokens }: Usage): JsonObject {
  const tokens = { input_tokens: inputTokens, output_tokens: outputTokens }
  // What is billed is the same unless the cache served a part, for which there is no word among the billed units.
  if (cachedInputTokens === undefined) return { billed_units: tokens, tokens }
  return { tokens, cached_tokens: cachedInputTokens }
}
