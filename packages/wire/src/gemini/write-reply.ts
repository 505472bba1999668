import { present } from '@holdfast/core'
import type {
  Failure,
  FinishReason,
  ReplyEvent,
  Usage,
  WireFormat,
  WriterFacts,
} from '@holdfast/core'
import { argumentsOf, type Block, type ReplyContent } from '../reply/blocks.ts'
import { replyWriterOf, type ReplyWording } from '../reply/reply-writer.ts'

import { sseEvent } from '../sse/write-event.ts'
import { idRules, unsignedCall } from './ids.ts'
import { isThirdGeneration } from './models.ts'
import { finishReasons } from './read-reply.ts'

type Json = Readonly<Record<string, unknown>>
type CallBlock = Extract<Block, { type: 'tool-call' }>

/** Writes a reply as chunks of streamGenerateContent, or as one response. */
export const replyWriter: NonNullable<WireFormat['replyWriter']> = replyWriterOf(
  (content, facts) => new GeminiWording(content, facts),
  { takesReasoning: true, takesChoices: true, ids: idRules },
)

class GeminiWording implements ReplyWording {
  readonly #content: ReplyContent
  readonly #facts: WriterFacts
  /** Calls go out whole, when all of their arguments are in. */
  #open: CallBlock[] = []
  /** The first call of a reply carries the signature. */
  #signed: CallBlock | undefined

  constructor(content: ReplyContent, facts: WriterFacts) {
    this.#content = content
    this.#facts = facts
  }

  event(event: ReplyEvent, block: Block | undefined): string {
    if (event.type === 'keep-alive') return ': keep-alive\r\n\r\n'
    if (event.type === 'error') return sseEvent(errorOf(event.failure, this.#facts))
    if (block?.type === 'tool-call') {
      if (event.type === 'tool-call-start') this.#open.push(block)
      return ''
    }
    const parts = partsOf(event)
    if (parts.length === 0) return ''
    // A signature may come between the beginning of a call and its arguments.
    const calls = event.type === 'reasoning-delta' ? '' : this.#calls()
    return calls + this.#chunk([candidate(choiceOf(event), parts)])
  }

  end(): string {
    const { finishes, usage } = this.#content
    const calls = this.#calls()
    const ends = finishes.map(({ choice, reason, raw }) =>
      candidate(choice, [], rawReason(reason, raw)),
    )
    return calls + this.#chunk(ends, { usageMetadata: usage && usageOf(usage) })
  }

  whole(): unknown {
    const { blocks, finishes, usage, error } = this.#content
    if (error !== undefined) return errorOf(error.failure, this.#facts)
    const indexes = new Set([...blocks.map(blockChoice), ...finishes.map(({ choice }) => choice)])
    const candidates = [...indexes]
      .toSorted((a, b) => a - b)
      .map((index) => {
        const finish = finishes.find(({ choice }) => choice === index)
        const parts = blocks.filter((block) => blockChoice(block) === index)
        const reason = finish && rawReason(finish.reason, finish.raw)
        return {
          content: { role: 'model', parts: parts.map((block) => this.#partOf(block)) },
          ...present({ finishReason: reason }),
          index,
        }
      })
    return { candidates, ...present({ usageMetadata: usage && usageOf(usage) }), ...this.#head() }
  }

  #calls(): string {
    const open = this.#open
    this.#open = []
    const calls = open.map((call) => candidate(call.choice, [this.#partOf(call)]))
    return calls.map((call) => this.#chunk([call])).join('')
  }

  #chunk(candidates: readonly Json[], more: { readonly usageMetadata?: unknown } = {}): string {
    return sseEvent({ candidates, ...present(more), ...this.#head() })
  }

  #head(): Json {
    const { id, model = this.#facts.model } = this.#content
    return { modelVersion: model, ...present({ responseId: id }) }
  }

  #partOf(block: Block): Json {
    if (block.type !== 'tool-call') return partOf(block)
    this.#signed ??= block
    const { foreign = false, model } = this.#facts
    const unsigned = foreign && this.#signed === block && isThirdGeneration(model)
    const { id, name } = block
    const args = argumentsOf(block.arguments)
    const call = { functionCall: { ...(id === '' ? {} : { id }), name, args } }
    return unsigned ? { ...call, thoughtSignature: unsignedCall } : call
  }
}

function partsOf(event: ReplyEvent): Json[] {
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
      return [{ text: event.text }]
    case 'reasoning-delta':
      return [reasoningPart(event.text, event.signature)]
    case 'other-content':
      return [{ [event.name]: event.value }]
    default:
      return []
  }
}

function choiceOf(event: ReplyEvent): number {
  return 'choice' in event ? event.choice : 0
}

function candidate(index: number, parts: readonly Json[], finishReason?: string): Json {
  const content = { role: 'model', ...(parts.length > 0 ? { parts } : {}) }
  return { content, ...present({ finishReason }), index }
}

function blockChoice(block: Block): number {
  return block.type === 'other' ? 0 : block.choice
}

function partOf(block: Exclude<Block, CallBlock>): Json {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return { text: block.text }
    case 'reasoning':
      return reasoningPart(block.text, block.signature)
    default:
      return { [block.name]: block.value }
  }
}

/** A signature without a thought stood beside another part; an empty text carries it. */
function reasoningPart(text: string, signature: string | undefined): Json {
  const signed = signature ? { thoughtSignature: signature } : {}
  return text === '' ? { text, ...signed } : { text, thought: true, ...signed }
}

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  'malformed-tool-call': 'MALFORMED_FUNCTION_CALL',
  other: 'OTHER',
}

function rawReason(reason: FinishReason, raw: string): string {
  return raw !== '' && (finishReasons[raw] ?? 'other') === reason ? raw : reasons[reason]
}

/** Thoughts are counted beside the candidates here. */
function usageOf(usage: Usage): Json {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage
  return present({
    promptTokenCount: inputTokens,
    candidatesTokenCount:
      outputTokens === undefined ? undefined : outputTokens - (reasoningTokens ?? 0),
    totalTokenCount: (inputTokens ?? 0) + (outputTokens ?? 0),
    cachedContentTokenCount: cachedInputTokens,
    thoughtsTokenCount: reasoningTokens,
  })
}

// https://cloud.google.com/apis/design/errors (2026-11-21)
const errorStatuses: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** An error in Google's words: its own, or those that Google has for the status. */
function errorOf(failure: Failure, { foreign = false }: WriterFacts): Json {
  const { status = 500, code = 'INTERNAL', message } = failure
  const usual = status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'
  const word = foreign ? (errorStatuses[status] ?? usual) : code
  return { error: { code: status, message, status: word } }
}
