import type { ReplyEvent } from '@holdfast/core'
import { MessagesReplyParser } from '../anthropic-messages/read-reply.ts'
import { ConverseReplyParser } from '../bedrock-converse/read-reply.ts'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, number, object, parseJson, text } from '../json/json.ts'
import { ChatReplyParser } from '../openai-chat/read-reply.ts'
import { usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'
import { VendorReplyParser } from './vendor-reply.ts'

/** Reads answers of InvokeModel: the vendor's own, with Bedrock's counts at the end of a stream. */
export class InvokeReplyParser implements ReplyParser {
  #vendor: ReplyParser | undefined
  #measured = false
  #counted = false

  /** Bedrock's counts come with the last piece, whatever the vendor says. */
  get complete(): boolean {
    return this.#measured || this.#vendor?.complete === true
  }

  event(value: JsonObject, name: string, out: ReplyEvent[]): void {
    const bytes = value['bytes']
    if (name !== 'chunk' || typeof bytes !== 'string') return
    const piece = object(parseJson(Buffer.from(bytes, 'base64').toString('utf8')))
    if (piece === undefined) return
    const before = out.length
    this.#vendor ??= parserOf(piece)
    // Amazon's pieces are named by their one member.
    const event = Object.keys(piece).find((name) => converseEvents.has(name))
    if (event === undefined) this.#vendor.event(piece, '', out)
    else this.#vendor.event(object(piece[event]) ?? {}, event, out)
    this.#counted ||= out.slice(before).some(({ type }) => type === 'usage')
    const metrics = object(piece['amazon-bedrock-invocationMetrics'])
    if (metrics !== undefined) this.#measure(metrics, out)
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    if (body['__type'] !== undefined || Object.keys(body).join() === 'message') {
      out.push({ type: 'error', failure: failureOf(body) })
      return undefined
    }
    return parserOf(body).whole(body, out)
  }

  /** The vendor's own counts say more, where there are any. */
  #measure(metrics: JsonObject, out: ReplyEvent[]): void {
    this.#measured = true
    if (this.#counted) return
    const input = number(metrics['inputTokenCount'])
    const cached = number(metrics['cacheReadInputTokenCount'])
    const written = number(metrics['cacheWriteInputTokenCount'])
    const usage = usageOf({
      inputTokens: input === undefined ? undefined : input + (cached ?? 0) + (written ?? 0),
      outputTokens: metrics['outputTokenCount'],
      cachedInputTokens: cached,
      cacheWriteTokens: written,
      reasoningTokens: undefined,
    })
    if (usage !== undefined) out.push({ type: 'usage', usage })
  }
}

const converseEvents = new Set([
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
])

/** The parser for a vendor's answer, by the shape of its body or of its first piece. */
function parserOf(value: JsonObject): ReplyParser {
  if (Array.isArray(value['choices'])) return new ChatReplyParser()
  if (/^(message|content_block|ping|error)/.test(text(value['type']))) {
    return new MessagesReplyParser()
  }
  if (object(object(value['output'])?.['message']) !== undefined) return new ConverseReplyParser()
  if (Object.keys(value).some((name) => converseEvents.has(name))) return new ConverseReplyParser()
  return new VendorReplyParser()
}
