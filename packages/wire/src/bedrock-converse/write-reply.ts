import { present } from '@holdfast/core'
import type {
  Failure,
  FinishReason,
  ReplyEvent,
  Usage,
  WireFormat,
  WriterFacts,
} from '@holdfast/core'
import { writeEvent, writeException } from '../eventstream/write-message.ts'
import { type JsonObject, object, parseJson } from '../json/json.ts'
import type { Block, ReplyContent } from '../reply/blocks.ts'
import { type ReplyWording, replyWriterOf } from '../reply/reply-writer.ts'

import { idRules } from './ids.ts'

/** Writes a reply as events of ConverseStream, or as one answer of Converse. */
export const replyWriter: NonNullable<WireFormat['replyWriter']> = replyWriterOf(
  (content, facts) => new ConverseWording(content, facts),
  { takesReasoning: false, ids: idRules },
)

class ConverseWording implements ReplyWording {
  readonly streamType = 'application/vnd.amazon.eventstream'
  readonly #content: ReplyContent
  readonly #facts: WriterFacts
  readonly #startedAt = performance.now()
  #open: Block | undefined
  #started = false

  constructor(content: ReplyContent, facts: WriterFacts) {
    this.#content = content
    this.#facts = facts
  }

  event(event: ReplyEvent, block: Block | undefined): Uint8Array {
    if (event.type === 'error') {
      const name = exceptionOf(event.failure, this.#facts.foreign)
      return writeException(name.charAt(0).toLowerCase() + name.slice(1), event.failure.message)
    }
    // There are no events that say nothing: who waits is kept waiting.
    if (event.type === 'keep-alive') return noBytes
    const pieces = [this.#start()]
    if (block !== undefined) {
      if (block !== this.#open) pieces.push(this.#close(), this.#openBlock(block))
      for (const delta of deltasOf(event)) {
        pieces.push(this.#event('contentBlockDelta', { delta }))
      }
    }
    return Buffer.concat(pieces)
  }

  end(): Uint8Array {
    const { finishes, usage = {} } = this.#content
    return Buffer.concat([
      this.#start(),
      this.#close(),
      writeEvent('messageStop', { stopReason: reasonOf(finishes[0]) }),
      writeEvent('metadata', { usage: usageOf(usage), metrics: this.#metrics() }),
    ])
  }

  whole(): unknown {
    const { blocks, finishes, usage = {}, error } = this.#content
    if (error !== undefined) {
      return {
        __type: exceptionOf(error.failure, this.#facts.foreign),
        message: error.failure.message,
      }
    }
    return {
      output: { message: { role: 'assistant', content: blocks.flatMap(wholeBlock) } },
      stopReason: reasonOf(finishes[0]),
      usage: usageOf(usage),
      metrics: this.#metrics(),
    }
  }

  #start(): Uint8Array {
    if (this.#started) return noBytes
    this.#started = true
    return writeEvent('messageStart', { role: 'assistant' })
  }

  #openBlock(block: Block): Uint8Array {
    this.#open = block
    if (block.type === 'other') {
      return this.#event('contentBlockStart', { start: { [block.name]: block.value } })
    }
    // Only tools are announced; text and reasoning begin with their first piece.
    if (block.type !== 'tool-call') return noBytes
    const toolUse = { toolUseId: callId(block), name: block.name }
    return this.#event('contentBlockStart', { start: { toolUse } })
  }

  #close(): Uint8Array {
    const closed = this.#open === undefined ? noBytes : this.#event('contentBlockStop', {})
    this.#open = undefined
    return closed
  }

  #event(name: string, value: JsonObject): Uint8Array {
    const contentBlockIndex = this.#open ? this.#content.blocks.indexOf(this.#open) : 0
    return writeEvent(name, { ...value, contentBlockIndex })
  }

  #metrics(): JsonObject {
    return { latencyMs: Math.round(performance.now() - this.#startedAt) }
  }
}

const noBytes = new Uint8Array(0)

function deltasOf(event: ReplyEvent): JsonObject[] {
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
      return [{ text: event.text }]
    case 'reasoning-delta': {
      const { text, signature, encrypted } = event
      if (encrypted) return [{ reasoningContent: { redactedContent: encrypted } }]
      return [
        ...(text === '' ? [] : [{ reasoningContent: { text } }]),
        ...(signature ? [{ reasoningContent: { signature } }] : []),
      ]
    }
    case 'tool-call-delta':
      return [{ toolUse: { input: event.arguments } }]
    default:
      return []
  }
}

function wholeBlock(block: Block): unknown[] {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return [{ text: block.text }]
    case 'reasoning': {
      const { text, signature, encrypted: redactedContent } = block
      if (redactedContent !== '') return [{ reasoningContent: { redactedContent } }]
      const reasoningText = { text, ...(signature === '' ? {} : { signature }) }
      return [{ reasoningContent: { reasoningText } }]
    }
    case 'tool-call': {
      const input = object(parseJson(block.arguments)) ?? {}
      return [{ toolUse: { toolUseId: callId(block), name: block.name, input } }]
    }
    default:
      return block.name === 'citation' ? [] : [{ [block.name]: block.value }]
  }
}

function callId(block: Extract<Block, { type: 'tool-call' }>): string {
  return block.id || `tooluse_${block.index}`
}

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filtered',
  refusal: 'content_filtered',
  'malformed-tool-call': 'malformed_tool_use',
  other: 'end_turn',
}

const ownReasons = new Set([
  ...Object.values(reasons),
  'stop_sequence',
  'guardrail_intervened',
  'model_context_window_exceeded',
  'malformed_model_output',
])

function reasonOf(finish: ReplyContent['finishes'][number] | undefined): string {
  if (finish === undefined) return 'end_turn'
  return ownReasons.has(finish.raw) ? finish.raw : reasons[finish.reason]
}

/** Input tokens are counted without the cached ones here. */
function usageOf(usage: Usage): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens, cacheWriteTokens } = usage
  const cached = (cachedInputTokens ?? 0) + (cacheWriteTokens ?? 0)
  return {
    inputTokens: Math.max(0, inputTokens - cached),
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...present({
      cacheReadInputTokens: cachedInputTokens,
      cacheWriteInputTokens: cacheWriteTokens,
    }),
  }
}

/** The exception that Bedrock has for a failure: its own, or the one for the status. */
export function exceptionOf({ code = '', status = 500 }: Failure, foreign = false): string {
  if (!foreign && /^[A-Z]\w+Exception$/.test(code)) return code
  switch (status) {
    case 401:
    case 403:
      return 'AccessDeniedException'
    case 404:
      return 'ResourceNotFoundException'
    case 408:
      return 'ModelTimeoutException'
    case 429:
      return 'ThrottlingException'
    case 503:
    case 529:
      return 'ServiceUnavailableException'
    default:
      return status < 500 ? 'ValidationException' : 'InternalServerException'
  }
}
