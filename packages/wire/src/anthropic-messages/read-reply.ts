import type { FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, list, number, object, text } from '../json/json.ts'
import { finish, messageStart, reasoningDelta, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'

interface OpenBlock {
  readonly block: JsonObject
  /** Place among the tool calls of the reply. */
  readonly toolIndex: number | undefined
  /** Input of a tool that the provider runs itself, as far as it came. */
  input: string
  /** True once a piece of the input was told or kept. */
  streamed: boolean
}

/** Reads answers of the Messages API. */
export class MessagesReplyParser implements ReplyParser {
  readonly #blocks = new Map<number, OpenBlock>()
  #toolCalls = 0
  #started = false
  #usage: JsonObject = {}
  #finished: string | undefined
  #stopped = false

  /** A cut after the stop reason loses nothing, so the stop reason is enough. */
  get complete(): boolean {
    return this.#stopped || this.#finished !== undefined
  }

  event(event: JsonObject, name: string, out: ReplyEvent[]): void {
    const type = text(event['type']) || name
    switch (type) {
      case 'content_block_delta':
        this.#delta(number(event['index']) ?? 0, object(event['delta']) ?? {}, out)
        return
      case 'content_block_start':
        this.#blockStart(number(event['index']) ?? 0, object(event['content_block']) ?? {}, out)
        return
      case 'content_block_stop':
        this.#blockStop(number(event['index']) ?? 0, out)
        return
      case 'ping':
        out.push({ type: 'keep-alive' })
        return
      case 'message_start': {
        const message = object(event['message']) ?? {}
        if (!this.#started) out.push(messageStart(message['id'], message['model']))
        this.#started = true
        this.#count(object(message['usage']), out)
        for (const [index, block] of list(message['content']).entries()) {
          this.#wholeBlock(index, object(block) ?? {}, out)
        }
        this.#finish(message['stop_reason'], out)
        return
      }
      case 'message_delta':
        this.#count(object(event['usage']), out)
        this.#finish(object(event['delta'])?.['stop_reason'], out)
        return
      case 'message_stop':
        this.#stopped = true
        return
      case 'error':
        out.push({ type: 'error', failure: failureOf(event) })
        return
      default:
        if (object(event['error']) !== undefined) {
          out.push({ type: 'error', failure: failureOf(event) })
        }
    }
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    if (body['type'] === 'error' || object(body['error']) !== undefined) {
      out.push({ type: 'error', failure: failureOf(body) })
      return undefined
    }
    if (!Array.isArray(body['content'])) return 'no "content" in the body'
    out.push(messageStart(body['id'], body['model']))
    for (const [index, block] of (body['content'] as unknown[]).entries()) {
      this.#wholeBlock(index, object(block) ?? {}, out)
    }
    this.#count(object(body['usage']), out)
    this.#finish(body['stop_reason'], out)
    return undefined
  }

  #wholeBlock(index: number, block: JsonObject, out: ReplyEvent[]): void {
    this.#blockStart(index, block, out)
    this.#blockStop(index, out)
  }

  #blockStart(index: number, block: JsonObject, out: ReplyEvent[]): void {
    let toolIndex: number | undefined
    switch (block['type']) {
      case 'text':
        if (text(block['text']) !== '') {
          out.push({ type: 'text-delta', choice: 0, text: text(block['text']) })
        }
        for (const citation of list(block['citations'])) {
          out.push({ type: 'other-content', name: 'citation', value: citation })
        }
        return
      case 'thinking': {
        const said = text(block['thinking'])
        const signature = text(block['signature'])
        if (said + signature !== '') out.push(reasoningDelta(0, { text: said, signature }))
        return
      }
      case 'redacted_thinking':
        out.push(reasoningDelta(0, { encrypted: text(block['data']) }))
        return
      case 'tool_use':
        toolIndex = this.#toolCalls++
        out.push({
          type: 'tool-call-start',
          choice: 0,
          index: toolIndex,
          id: text(block['id']),
          name: text(block['name']),
        })
        break
      default:
        // A tool that the provider runs gets its input piece by piece: told when it is whole.
        if (object(block['input']) === undefined) {
          out.push({ type: 'other-content', name: text(block['type']) || 'block', value: block })
          return
        }
    }
    this.#blocks.set(index, { block, toolIndex, input: '', streamed: false })
  }

  #delta(index: number, delta: JsonObject, out: ReplyEvent[]): void {
    switch (delta['type']) {
      case 'text_delta':
        if (text(delta['text']) !== '') {
          out.push({ type: 'text-delta', choice: 0, text: text(delta['text']) })
        }
        return
      case 'input_json_delta': {
        const piece = text(delta['partial_json'])
        const open = this.#blocks.get(index)
        if (piece === '' || open === undefined) return
        open.streamed = true
        if (open.toolIndex === undefined) {
          open.input += piece
          out.push({ type: 'other-content', name: 'progress', value: delta })
        } else {
          out.push({
            type: 'tool-call-delta',
            choice: 0,
            index: open.toolIndex,
            arguments: piece,
          })
        }
        return
      }
      case 'thinking_delta':
        if (text(delta['thinking']) !== '') {
          out.push(reasoningDelta(0, { text: text(delta['thinking']) }))
        }
        return
      case 'signature_delta':
        if (text(delta['signature']) !== '') {
          out.push(reasoningDelta(0, { signature: text(delta['signature']) }))
        }
        return
      case 'citations_delta':
        out.push({ type: 'other-content', name: 'citation', value: delta['citation'] })
        return
      default:
        out.push({ type: 'other-content', name: text(delta['type']) || 'delta', value: delta })
    }
  }

  #blockStop(index: number, out: ReplyEvent[]): void {
    const open = this.#blocks.get(index)
    if (open === undefined) return
    this.#blocks.delete(index)
    if (open.toolIndex === undefined) {
      const value = open.streamed ? { ...open.block, input: inputOf(open.input) } : open.block
      out.push({ type: 'other-content', name: text(open.block['type']) || 'block', value })
    } else if (!open.streamed) {
      // No input at all means no arguments; the whole input may also stand in the block itself.
      const whole = JSON.stringify(open.block['input'] ?? {})
      out.push({ type: 'tool-call-delta', choice: 0, index: open.toolIndex, arguments: whole })
    }
  }

  /** Counts are cumulative: both message_start and message_delta are needed, the later one replaces the earlier. */
  #count(usage: JsonObject | undefined, out: ReplyEvent[]): void {
    if (usage === undefined) return
    const merged: Record<string, unknown> = { ...this.#usage }
    for (const [name, value] of Object.entries(usage)) {
      if (value !== null && value !== undefined) merged[name] = value
    }
    this.#usage = merged
    const counts = messagesUsage(merged)
    if (counts !== undefined) out.push({ type: 'usage', usage: counts })
  }

  #finish(reason: unknown, out: ReplyEvent[]): void {
    if (typeof reason !== 'string' || reason === this.#finished) return
    this.#finished = reason
    out.push(finish(0, finishReasons[reason] ?? 'other', reason))
  }
}

function inputOf(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return source
  }
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'refusal',
}

/**
 * Token counts of the Messages API. Its input_tokens leave out what the cache served; its totals leave out passes
 * that are no message (compaction, advisors), which are billed all the same.
 */
export function messagesUsage(usage: JsonObject): Usage | undefined {
  const passes = [usage]
  for (const value of list(usage['iterations'])) {
    const pass = object(value)
    if (pass !== undefined && pass['type'] !== 'message') passes.push(pass)
  }
  const sum = (name: string): number | undefined => {
    let total: number | undefined
    for (const pass of passes) {
      const count = number(pass[name])
      if (count !== undefined) total = (total ?? 0) + count
    }
    return total
  }
  const input = sum('input_tokens')
  const cached = sum('cache_read_input_tokens')
  const written = sum('cache_creation_input_tokens')
  return usageOf({
    inputTokens: input === undefined ? undefined : input + (cached ?? 0) + (written ?? 0),
    outputTokens: sum('output_tokens'),
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    reasoningTokens: object(usage['output_tokens_details'])?.['thinking_tokens'],
  })
}
