import type { ReplyEvent, WireFormat, WriterFacts } from '@holdfast/core'
import { type JsonObject, object, parseJson } from '../json/json.ts'
import type { Block, ReplyContent } from '../reply/blocks.ts'
import { type ReplyWording, replyWriterOf } from '../reply/reply-writer.ts'
import { idRules } from './ids.ts'

/** Writes a reply as lines of Ollama's chat, or as one answer. */
export const replyWriter: NonNullable<WireFormat['replyWriter']> = replyWriterOf(
  (content, facts) => new OllamaWording(content, facts),
  { takesReasoning: true, ids: idRules },
)

class OllamaWording implements ReplyWording {
  readonly streamType = 'application/x-ndjson'
  readonly #content: ReplyContent
  readonly #facts: WriterFacts
  readonly #startedAt = performance.now()
  readonly #told = new Set<Block>()

  constructor(content: ReplyContent, facts: WriterFacts) {
    this.#content = content
    this.#facts = facts
  }

  event(event: ReplyEvent, block: Block | undefined): string {
    switch (event.type) {
      case 'error':
        return line({ error: event.failure.message })
      case 'text-delta':
      case 'refusal-delta':
        return this.#piece({ content: event.text })
      case 'reasoning-delta':
        return event.text === '' ? '' : this.#piece({ content: '', thinking: event.text })
      case 'message-start':
        return this.#piece({ content: '' })
      case 'tool-call-start':
        // A call is said in one piece: the one before is all there when the next begins.
        return this.#calls(block)
      default:
        return ''
    }
  }

  end(): string {
    return this.#calls(undefined) + line(this.#whole({ role: 'assistant', content: '' }))
  }

  whole(): unknown {
    const { blocks, error } = this.#content
    if (error !== undefined) return { error: error.failure.message }
    const join = (...types: readonly Block['type'][]): string =>
      blocks
        .map((block) => ('text' in block && types.includes(block.type) ? block.text : ''))
        .join('')
    const thinking = join('reasoning')
    const calls = blocks.flatMap((block) => (block.type === 'tool-call' ? [toolCall(block)] : []))
    return this.#whole({
      role: 'assistant',
      content: join('text', 'refusal'),
      ...(thinking === '' ? {} : { thinking }),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    })
  }

  #calls(open: Block | undefined): string {
    let lines = ''
    for (const block of this.#content.blocks) {
      if (block.type !== 'tool-call' || block === open || this.#told.has(block)) continue
      this.#told.add(block)
      lines += this.#piece({ content: '', tool_calls: [toolCall(block)] })
    }
    return lines
  }

  #piece(message: JsonObject): string {
    return line({ ...this.#head(), ...asBoth({ role: 'assistant', ...message }), done: false })
  }

  #whole(message: JsonObject): JsonObject {
    const { usage = {}, finishes } = this.#content
    const { inputTokens = 0, outputTokens = 0 } = usage
    return {
      ...this.#head(),
      ...asBoth(message),
      done: true,
      done_reason: finishes[0]?.reason === 'length' ? 'length' : 'stop',
      total_duration: Math.round((performance.now() - this.#startedAt) * 1e6),
      prompt_eval_count: inputTokens,
      eval_count: outputTokens,
    }
  }

  #head(): JsonObject {
    const model = this.#content.model ?? this.#facts.model
    return { model, created_at: new Date().toISOString() }
  }
}

/** A message for who asked by `chat`, its text for who asked by `generate`: either overlooks the other's. */
function asBoth(message: JsonObject): JsonObject {
  const { content: response, thinking } = message
  return { message, response, ...(thinking === undefined ? {} : { thinking }) }
}

function line(value: JsonObject): string {
  return `${JSON.stringify(value)}\n`
}

function toolCall(block: Extract<Block, { type: 'tool-call' }>): JsonObject {
  const { id, index, name, arguments: json } = block
  const what = { index, name, arguments: object(parseJson(json)) ?? {} }
  return { id: id || `call_${index}`, function: what }
}
