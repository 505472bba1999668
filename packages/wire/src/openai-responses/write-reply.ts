import { present } from '@holdfast/core'
import { hash, randomUUID } from 'node:crypto'
import type { Failure, ReplyEvent, Usage, WireFormat, WriterFacts } from '@holdfast/core'
import { object, text } from '../json/json.ts'
import { errorOf } from '../openai-chat/write-reply.ts'
import type { Block, ReplyContent } from '../reply/blocks.ts'
import { replyWriterOf, type ReplyWording } from '../reply/reply-writer.ts'

import { sseEvent } from '../sse/write-event.ts'
import { idRules } from './ids.ts'

type Json = Readonly<Record<string, unknown>>

/** Writes a reply as events of the Responses API, or as one response. */
export const replyWriter: NonNullable<WireFormat['replyWriter']> = replyWriterOf(
  (content, facts) => new ResponsesWording(content, facts),
  // A reasoning item that OpenAI did not make is not found when it comes back.
  { takesReasoning: false, takesRefusals: true, takesTextArguments: true, ids: idRules },
)

class ResponsesWording implements ReplyWording {
  readonly #content: ReplyContent
  readonly #facts: WriterFacts
  readonly #createdAt = Math.floor(Date.now() / 1000)
  #open: Block | undefined
  #sequence = 0
  #seed: string | undefined
  #started = false

  constructor(content: ReplyContent, facts: WriterFacts) {
    this.#content = content
    this.#facts = facts
  }

  event(event: ReplyEvent, block: Block | undefined): string {
    if (event.type === 'keep-alive') return ': keep-alive\n\n'
    const start = this.#start()
    if (event.type === 'error') {
      const { code, message } = failureOf(event.failure, this.#facts)
      return start + this.#say('error', { code, message, param: null })
    }
    if (block === undefined) return start
    const opened = block === this.#open ? '' : this.#openItem(block)
    return start + opened + this.#delta(block, event)
  }

  end(): string {
    if (this.#content.finishes.length === 0) return ''
    const status = statusOf(this.#content)
    const closed = this.#start() + this.#closeItem()
    const response = this.#response(this.#items(), status)
    return closed + this.#say(`response.${status}`, { response })
  }

  whole(): unknown {
    const { error } = this.#content
    if (error !== undefined && this.#facts.foreign === true) {
      return { error: errorOf(error.failure, this.#facts) }
    }
    return this.#response(this.#items(), statusOf(this.#content))
  }

  #start(): string {
    if (this.#started) return ''
    this.#started = true
    const response = this.#response([], 'in_progress')
    return (
      this.#say('response.created', { response }) + this.#say('response.in_progress', { response })
    )
  }

  #openItem(block: Block): string {
    const before = this.#closeItem()
    this.#open = block
    const output_index = this.#indexOf(block)
    const place = { output_index, item_id: this.#idOf(block, output_index) }
    const item = itemOf(block, this.#idOf(block, output_index), true)
    const added = before + this.#say('response.output_item.added', { output_index, item })
    if (block.type === 'text' || block.type === 'refusal') {
      const part = partOf({ ...block, text: '' })
      return added + this.#say('response.content_part.added', { ...place, content_index: 0, part })
    }
    if (block.type === 'reasoning' && block.encrypted === '') {
      const part = { type: 'summary_text', text: '' }
      return (
        added +
        this.#say('response.reasoning_summary_part.added', { ...place, summary_index: 0, part })
      )
    }
    return added
  }

  #delta(block: Block, event: ReplyEvent): string {
    const output_index = this.#indexOf(block)
    const place = { output_index, item_id: this.#idOf(block, output_index) }
    switch (event.type) {
      case 'text-delta':
        return this.#say('response.output_text.delta', {
          ...place,
          content_index: 0,
          delta: event.text,
          logprobs: [],
        })
      case 'refusal-delta':
        return this.#say('response.refusal.delta', {
          ...place,
          content_index: 0,
          delta: event.text,
        })
      case 'reasoning-delta': {
        if (event.text === '') return ''
        const delta = { ...place, summary_index: 0, delta: event.text }
        return this.#say('response.reasoning_summary_text.delta', delta)
      }
      case 'tool-call-delta':
        return this.#say('response.function_call_arguments.delta', {
          ...place,
          delta: event.arguments,
        })
      default:
        return ''
    }
  }

  #closeItem(): string {
    const block = this.#open
    if (block === undefined) return ''
    this.#open = undefined
    const output_index = this.#indexOf(block)
    const place = { output_index, item_id: this.#idOf(block, output_index) }
    let said = ''
    if (block.type === 'text') {
      const done = { ...place, content_index: 0, text: block.text, logprobs: [] }
      said = this.#say('response.output_text.done', done)
    } else if (block.type === 'refusal') {
      const done = { ...place, content_index: 0, refusal: block.text }
      said = this.#say('response.refusal.done', done)
    } else if (block.type === 'tool-call') {
      const done = { ...place, name: block.name, arguments: block.arguments }
      said = this.#say('response.function_call_arguments.done', done)
    } else if (block.type === 'reasoning' && block.encrypted === '') {
      const part = { type: 'summary_text', text: block.text }
      const done = { ...place, summary_index: 0 }
      said =
        this.#say('response.reasoning_summary_text.done', { ...done, text: block.text }) +
        this.#say('response.reasoning_summary_part.done', { ...done, part })
    }
    if (block.type === 'text' || block.type === 'refusal') {
      const part = partOf(block)
      said += this.#say('response.content_part.done', { ...place, content_index: 0, part })
    }
    const item = itemOf(block, this.#idOf(block, output_index), false)
    return said + this.#say('response.output_item.done', { output_index, item })
  }

  #items(): Json[] {
    return this.#content.blocks.map((block, index) =>
      itemOf(block, this.#idOf(block, index), false),
    )
  }

  /** Unlike those of any other reply: applications send items back, and OpenAI refuses an id that is there twice. */
  #idOf(block: Block, index: number): string {
    const own = block.type === 'other' ? text(object(block.value)?.['id']) : ''
    if (own !== '') return own
    this.#seed ??= this.#content.id ?? randomUUID()
    return `${prefixes[block.type]}_${hash('sha256', `${this.#seed} ${index}`).slice(0, 40)}`
  }

  #indexOf(block: Block): number {
    return this.#content.blocks.indexOf(block)
  }

  #say(type: string, members: Json): string {
    return sseEvent({ type, sequence_number: this.#sequence++, ...members }, type)
  }

  #response(output: readonly Json[], status: string): Json {
    const { id = 'resp_holdfast', model = this.#facts.model, usage, error } = this.#content
    const filtered = this.#content.finishes[0]?.reason !== 'length'
    const reason = filtered ? 'content_filter' : 'max_output_tokens'
    return {
      id,
      object: 'response',
      created_at: this.#createdAt,
      status,
      error: status === 'failed' && error ? failureOf(error.failure, this.#facts) : null,
      incomplete_details: status === 'incomplete' ? { reason } : null,
      instructions: null,
      metadata: {},
      model,
      output,
      parallel_tool_calls: true,
      temperature: null,
      tool_choice: 'auto',
      tools: [],
      top_p: null,
      usage: status === 'in_progress' || !usage ? null : usageOf(usage),
    }
  }
}

const prefixes = { text: 'msg', refusal: 'msg', reasoning: 'rs', 'tool-call': 'fc', other: 'item' }

function itemOf(block: Block, id: string, open: boolean): Json {
  const status = open ? 'in_progress' : 'completed'
  switch (block.type) {
    case 'text':
    case 'refusal':
      return {
        id,
        type: 'message',
        role: 'assistant',
        status,
        content: open ? [] : [partOf(block)],
      }
    case 'tool-call': {
      const call_id = block.id || `call_${block.index}`
      const json = open ? '' : block.arguments
      return { id, type: 'function_call', status, call_id, name: block.name, arguments: json }
    }
    case 'reasoning': {
      const summary = open || block.text === '' ? [] : [{ type: 'summary_text', text: block.text }]
      const sealed = block.encrypted === '' ? {} : { encrypted_content: block.encrypted }
      return { id, type: 'reasoning', summary, ...sealed }
    }
    default:
      return { id, type: block.name, ...object(block.value) }
  }
}

function partOf(block: Extract<Block, { type: 'text' | 'refusal' }>): Json {
  return block.type === 'text'
    ? { type: 'output_text', text: block.text, annotations: [], logprobs: [] }
    : { type: 'refusal', refusal: block.text }
}

function statusOf({ finishes, error, blocks }: ReplyContent): string {
  if (error !== undefined) return 'failed'
  const reason = finishes[0]?.reason
  // A refusal in its own words is a normal end; one without words must not look like an answer.
  const unsaid = reason === 'refusal' && !blocks.some(({ type }) => type === 'refusal')
  const incomplete = reason === 'length' || reason === 'content-filter' || unsaid
  return incomplete ? 'incomplete' : 'completed'
}

function usageOf(usage: Usage): Json {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, reasoningTokens = 0 } = usage
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: cachedInputTokens,
      ...present({ cache_write_tokens: usage.cacheWriteTokens }),
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  }
}

function failureOf(failure: Failure, facts: WriterFacts): Json {
  const { code = 'server_error', message } = failure
  if (facts.foreign !== true) return { code, message }
  const words = errorOf(failure, facts)
  return { code: words['code'] ?? words['type'], message }
}
