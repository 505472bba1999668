import type { FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, list, number, object, text } from '../json/json.ts'
import { finish, messageStart, reasoningDelta, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'

interface OpenCall {
  readonly index: number
  /** True once a piece of the arguments was told. */
  streamed: boolean
}

/** Reads answers of Converse and ConverseStream. */
export class ConverseReplyParser implements ReplyParser {
  /** Tool calls under way, by the index of their block. */
  readonly #calls = new Map<number, OpenCall>()
  #toolCalls = 0
  #finished = false

  /** A cut after the stop reason loses the token counts, and nothing of the answer. */
  get complete(): boolean {
    return this.#finished
  }

  event(value: JsonObject, name: string, out: ReplyEvent[]): void {
    switch (name) {
      case 'contentBlockDelta':
        this.#delta(number(value['contentBlockIndex']) ?? 0, object(value['delta']) ?? {}, out)
        return
      case 'contentBlockStart':
        this.#start(number(value['contentBlockIndex']) ?? 0, object(value['start']) ?? {}, out)
        return
      case 'contentBlockStop':
        this.#stop(number(value['contentBlockIndex']) ?? 0, out)
        return
      case 'messageStart':
        out.push(messageStart(undefined, undefined))
        return
      case 'messageStop':
        this.#finish(value['stopReason'], out)
        return
      case 'metadata':
        this.#count(object(value['usage']), out)
        return
      default:
        if (value['message'] !== undefined && name.endsWith('Exception')) {
          out.push({ type: 'error', failure: failureOf({ ...value, code: name }) })
        }
    }
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    const message = object(object(body['output'])?.['message'])
    if (message === undefined) {
      if (body['__type'] === undefined && body['message'] === undefined) {
        return 'no "output" in the body'
      }
      out.push({ type: 'error', failure: failureOf(body) })
      return undefined
    }
    out.push(messageStart(undefined, undefined))
    for (const block of list(message['content'])) this.#block(object(block) ?? {}, out)
    this.#count(object(body['usage']), out)
    this.#finish(body['stopReason'], out)
    return undefined
  }

  #block(block: JsonObject, out: ReplyEvent[]): void {
    const said = block['text']
    if (typeof said === 'string') {
      if (said !== '') out.push({ type: 'text-delta', choice: 0, text: said })
      return
    }
    const reasoning = object(block['reasoningContent'])
    if (reasoning !== undefined) {
      const whole = object(reasoning['reasoningText'])
      readReasoning(whole ?? reasoning, out)
      return
    }
    const use = object(block['toolUse'])
    if (use !== undefined && use['type'] !== 'server_tool_use') {
      const index = this.#call(use, out)
      const json = JSON.stringify(use['input'] ?? {})
      out.push({ type: 'tool-call-delta', choice: 0, index, arguments: json })
      return
    }
    const cited = object(block['citationsContent'])
    if (cited !== undefined) {
      for (const piece of list(cited['content'])) {
        const words = text(object(piece)?.['text'])
        if (words !== '') out.push({ type: 'text-delta', choice: 0, text: words })
      }
      for (const value of list(cited['citations'])) {
        out.push({ type: 'other-content', name: 'citation', value })
      }
      return
    }
    for (const [name, value] of Object.entries(block)) {
      out.push({ type: 'other-content', name, value })
    }
  }

  #start(index: number, start: JsonObject, out: ReplyEvent[]): void {
    const use = object(start['toolUse'])
    if (use !== undefined && use['type'] !== 'server_tool_use') {
      this.#calls.set(index, { index: this.#call(use, out), streamed: false })
      return
    }
    for (const [name, value] of Object.entries(start)) {
      out.push({ type: 'other-content', name, value })
    }
  }

  #delta(index: number, delta: JsonObject, out: ReplyEvent[]): void {
    const said = delta['text']
    if (typeof said === 'string') {
      if (said !== '') out.push({ type: 'text-delta', choice: 0, text: said })
      return
    }
    const use = object(delta['toolUse'])
    if (use !== undefined) {
      const call = this.#calls.get(index)
      const piece = text(use['input'])
      if (call === undefined) {
        if (piece !== '') out.push({ type: 'other-content', name: 'progress', value: use })
      } else if (piece !== '') {
        call.streamed = true
        out.push({ type: 'tool-call-delta', choice: 0, index: call.index, arguments: piece })
      }
      return
    }
    const reasoning = object(delta['reasoningContent'])
    if (reasoning !== undefined) {
      readReasoning(reasoning, out)
      return
    }
    for (const [name, value] of Object.entries(delta)) {
      out.push({ type: 'other-content', name, value })
    }
  }

  #stop(index: number, out: ReplyEvent[]): void {
    const call = this.#calls.get(index)
    this.#calls.delete(index)
    // No input at all means no arguments.
    if (call === undefined || call.streamed) return
    out.push({ type: 'tool-call-delta', choice: 0, index: call.index, arguments: '{}' })
  }

  #call(use: JsonObject, out: ReplyEvent[]): number {
    const index = this.#toolCalls++
    const id = text(use['toolUseId'])
    out.push({ type: 'tool-call-start', choice: 0, index, id, name: text(use['name']) })
    return index
  }

  #count(usage: JsonObject | undefined, out: ReplyEvent[]): void {
    const counts = usage && converseUsage(usage)
    if (counts !== undefined) out.push({ type: 'usage', usage: counts })
  }

  #finish(reason: unknown, out: ReplyEvent[]): void {
    if (typeof reason !== 'string' || this.#finished) return
    this.#finished = true
    out.push(finish(0, finishReasons[reason] ?? 'other', reason))
  }
}

function readReasoning(reasoning: JsonObject, out: ReplyEvent[]): void {
  const said = text(reasoning['text'])
  const signature = text(reasoning['signature'])
  const encrypted = text(reasoning['redactedContent'])
  if (said + signature + encrypted === '') return
  out.push(reasoningDelta(0, { text: said, signature, encrypted }))
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  refusal: 'refusal',
  malformed_tool_use: 'malformed-tool-call',
}

/** Token counts of Converse, whose input leaves out what the cache served. Nova's own format has other names. */
export function converseUsage(usage: JsonObject): Usage | undefined {
  const input = number(usage['inputTokens'])
  const cached = number(usage['cacheReadInputTokens'] ?? usage['cacheReadInputTokenCount'])
  const written = number(usage['cacheWriteInputTokens'] ?? usage['cacheWriteInputTokenCount'])
  return usageOf({
    inputTokens: input === undefined ? undefined : input + (cached ?? 0) + (written ?? 0),
    outputTokens: usage['outputTokens'],
    cachedInputTokens: cached,
    cacheWriteTokens: written,
  })
}
