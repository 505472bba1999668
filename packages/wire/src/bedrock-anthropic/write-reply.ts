import type { ReplyEvent, ReplyWriter, Usage, WireFormat, WriterFacts } from '@holdfast/core'
import { replyWriter as messagesWriter } from '../anthropic-messages/write-reply.ts'
import { exceptionOf } from '../bedrock-converse/write-reply.ts'
import { writeEvent, writeException } from '../eventstream/write-message.ts'
import { type JsonObject, object, parseJson } from '../json/json.ts'
import { bytesOf } from '../sse/write-event.ts'

/** Writes a reply as InvokeModel's chunks of Anthropic's events, or as one message. */
export const replyWriter: NonNullable<WireFormat['replyWriter']> = (facts) =>
  new ChunkWriter(messagesWriter(facts), facts)

class ChunkWriter implements ReplyWriter {
  readonly contentType: string
  readonly #messages: ReplyWriter
  readonly #facts: WriterFacts
  #usage: Usage = {}
  #error: JsonObject | undefined

  constructor(messages: ReplyWriter, facts: WriterFacts) {
    this.contentType = facts.streaming ? 'application/vnd.amazon.eventstream' : 'application/json'
    this.#messages = messages
    this.#facts = facts
  }

  get losses(): NonNullable<ReplyWriter['losses']> {
    return this.#messages.losses ?? []
  }

  write(event: ReplyEvent): Uint8Array {
    if (event.type === 'usage') this.#usage = { ...this.#usage, ...event.usage }
    if (event.type === 'error') return this.#fail(event)
    return this.#chunks(this.#messages.write(event))
  }

  end(): Uint8Array {
    if (this.#facts.streaming) return this.#chunks(this.#messages.end())
    return this.#error === undefined ? this.#messages.end() : bytesOf(JSON.stringify(this.#error))
  }

  /** Errors are Bedrock's own, not Anthropic's. */
  #fail({ failure }: Extract<ReplyEvent, { type: 'error' }>): Uint8Array {
    const name = exceptionOf(failure, this.#facts.foreign)
    this.#error ??= { __type: name, message: failure.message }
    if (!this.#facts.streaming) return new Uint8Array(0)
    return writeException(name.charAt(0).toLowerCase() + name.slice(1), failure.message)
  }

  /** Server-sent events as chunks; there is no ping among them. */
  #chunks(bytes: Uint8Array): Uint8Array {
    if (!this.#facts.streaming || bytes.length === 0) return new Uint8Array(0)
    const chunks: Uint8Array[] = []
    for (const [, data = ''] of decoder.decode(bytes).matchAll(/^data: (.*)$/gm)) {
      const value = object(parseJson(data))
      if (value === undefined || value['type'] === 'ping') continue
      const isLast = value['type'] === 'message_stop'
      const said = isLast
        ? { ...value, 'amazon-bedrock-invocationMetrics': metricsOf(this.#usage) }
        : value
      const encoded = Buffer.from(JSON.stringify(said)).toString('base64')
      chunks.push(writeEvent('chunk', { bytes: encoded }))
    }
    return Buffer.concat(chunks)
  }
}

const decoder = new TextDecoder()

function metricsOf(usage: Usage): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0 } = usage
  return {
    inputTokenCount: Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens),
    outputTokenCount: outputTokens,
    cacheReadInputTokenCount: cachedInputTokens,
    cacheWriteInputTokenCount: cacheWriteTokens,
  }
}
