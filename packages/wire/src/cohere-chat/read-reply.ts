import type { FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, jsonText, list, number, object, text } from '../json/json.ts'
import { finish, messageStart, reasoningDelta, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'

interface OpenCall {
  readonly index: number
  /** True once a piece of the arguments was told. */
  streamed: boolean
}

/** Reads answers of Cohere's v2 chat. */
export class CohereReplyParser implements ReplyParser {
  /** Tool calls under way, by their index on the wire. */
  readonly #calls = new Map<number, OpenCall>()
  #toolCalls = 0
  #finished = false

  get complete(): boolean {
    return this.#finished
  }

  event(event: JsonObject, name: string, out: ReplyEvent[]): void {
    const delta = object(event['delta']) ?? {}
    const message = object(delta['message']) ?? {}
    const index = number(event['index']) ?? 0
    switch (text(event['type']) || name) {
      case 'content-start':
      case 'content-delta':
        readContent(object(message['content']) ?? {}, out)
        return
      case 'message-start':
        out.push(messageStart(event['id'], undefined))
        return
      case 'tool-plan-delta':
        if (text(message['tool_plan']) !== '') {
          out.push(reasoningDelta(0, { text: text(message['tool_plan']) }))
        }
        return
      case 'tool-call-start': {
        const call = {
          index: this.#call(object(message['tool_calls']) ?? {}, out),
          streamed: false,
        }
        this.#calls.set(index, call)
        this.#arguments(call, message, out)
        return
      }
      case 'tool-call-delta': {
        const call = this.#calls.get(index)
        if (call !== undefined) this.#arguments(call, message, out)
        return
      }
      case 'tool-call-end': {
        const call = this.#calls.get(index)
        this.#calls.delete(index)
        // No arguments at all means none are needed.
        if (call === undefined || call.streamed) return
        out.push({ type: 'tool-call-delta', choice: 0, index: call.index, arguments: '{}' })
        return
      }
      case 'citation-start':
        out.push({ type: 'other-content', name: 'citation', value: message['citations'] })
        return
      case 'message-end':
        this.#count(object(delta['usage']), out)
        this.#finish(delta, out)
        return
      default:
        if (event['type'] === undefined && typeof event['message'] === 'string') {
          out.push({ type: 'error', failure: failureOf(event) })
        }
    }
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    const message = object(body['message'])
    if (message === undefined) {
      if (typeof body['message'] !== 'string') return 'no "message" in the body'
      out.push({ type: 'error', failure: failureOf(body) })
      return undefined
    }
    out.push(messageStart(body['id'], undefined))
    const plan = text(message['tool_plan'])
    if (plan !== '') out.push(reasoningDelta(0, { text: plan }))
    for (const part of list(message['content'])) readContent(object(part) ?? {}, out)
    for (const value of list(message['citations'])) {
      out.push({ type: 'other-content', name: 'citation', value })
    }
    for (const value of list(message['tool_calls'])) {
      const call = object(value) ?? {}
      const index = this.#call(call, out)
      const json = jsonText(object(call['function'])?.['arguments']) || '{}'
      out.push({ type: 'tool-call-delta', choice: 0, index, arguments: json })
    }
    this.#count(object(body['usage']), out)
    this.#finish(body, out)
    return undefined
  }

  #call(call: JsonObject, out: ReplyEvent[]): number {
    const index = this.#toolCalls++
    const name = text(object(call['function'])?.['name'])
    out.push({ type: 'tool-call-start', choice: 0, index, id: text(call['id']), name })
    return index
  }

  #arguments(call: OpenCall, message: JsonObject, out: ReplyEvent[]): void {
    const piece = text(object(object(message['tool_calls'])?.['function'])?.['arguments'])
    if (piece === '') return
    call.streamed = true
    out.push({ type: 'tool-call-delta', choice: 0, index: call.index, arguments: piece })
  }

  #count(usage: JsonObject | undefined, out: ReplyEvent[]): void {
    const counts = usage && cohereUsage(usage)
    if (counts !== undefined) out.push({ type: 'usage', usage: counts })
  }

  /** An answer that the provider gave up on is none, whatever of it has come. */
  #finish(end: JsonObject, out: ReplyEvent[]): void {
    const raw = text(end['finish_reason'])
    if (raw === 'ERROR' || raw === 'TIMEOUT') {
      const message = text(end['error']) || `the generation ended with ${raw}`
      const status = raw === 'TIMEOUT' ? 504 : 500
      out.push({ type: 'error', failure: { ...failureOf({ code: raw, message }), status } })
      return
    }
    if (raw === '' || this.#finished) return
    this.#finished = true
    out.push(finish(0, finishReasons[raw] ?? 'other', raw))
  }
}

function readContent(part: JsonObject, out: ReplyEvent[]): void {
  const said = text(part['text'])
  if (said !== '') out.push({ type: 'text-delta', choice: 0, text: said })
  const thought = text(part['thinking'])
  if (thought !== '') out.push(reasoningDelta(0, { text: thought }))
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  ERROR_LIMIT: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR_TOXIC: 'content-filter',
}

/**
 * Token counts of Cohere: those that are billed, as OpenTelemetry wants it where a system tells two
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/, 2026-11-21). What the cache served is counted
 * among the others, which hold Cohere's own instructions too.
 */
export function cohereUsage(usage: JsonObject): Usage | undefined {
  const billed = object(usage['billed_units'])
  if (number(billed?.['input_tokens']) !== undefined) {
    return usageOf({
      inputTokens: billed?.['input_tokens'],
      outputTokens: billed?.['output_tokens'],
      ...noCounts,
    })
  }
  const tokens = object(usage['tokens'])
  return usageOf({
    inputTokens: tokens?.['input_tokens'],
    outputTokens: tokens?.['output_tokens'],
    ...noCounts,
    cachedInputTokens: usage['cached_tokens'],
  })
}

const noCounts = {
  cachedInputTokens: undefined,
  cacheWriteTokens: undefined,
  reasoningTokens: undefined,
}
