import { present } from '@holdfast/core'
import type {
  Failure,
  FinishReason,
  ReplyEvent,
  Usage,
  WireFormat,
  WriterFacts,
} from '@holdfast/core'
import { object } from '../json/json.ts'
import { type Block, type ReplyContent } from '../reply/blocks.ts'
import { replyWriterOf, type ReplyWording } from '../reply/reply-writer.ts'

import { sseEvent } from '../sse/write-event.ts'
import { idRulesFor } from './ids.ts'
import { isOpenaiModel } from './models.ts'

/** Writes a reply as chat completion chunks, or as one chat completion. */
export const replyWriter: NonNullable<WireFormat['replyWriter']> = replyWriterOf(
  (content, facts) => new ChatWording(content, facts),
  ({ model }) => ({
    // OpenAI has no such member: an application would send it back to who does not know it.
    takesReasoning: !isOpenaiModel(model),
    takesRefusals: true,
    takesChoices: true,
    takesTextArguments: true,
    ids: idRulesFor(model),
  }),
)

class ChatWording implements ReplyWording {
  readonly #content: ReplyContent
  readonly #facts: WriterFacts
  readonly #created = Math.floor(Date.now() / 1000)
  readonly #started = new Set<number>()

  constructor(content: ReplyContent, facts: WriterFacts) {
    this.#content = content
    this.#facts = facts
  }

  event(event: ReplyEvent): string {
    if (event.type === 'keep-alive') return ': keep-alive\n\n'
    if (event.type === 'error') return sseEvent({ error: errorOf(event.failure, this.#facts) })
    const choice = pieceOf(event)
    return choice === undefined ? '' : this.#chunk([choice])
  }

  end(): string {
    const { finishes, usage } = this.#content
    const ends = finishes.map(({ choice }): ChunkChoice => {
      return { index: choice, delta: {}, finish_reason: this.#reasonOf(choice) }
    })
    // Who did not ask for the counts may trip over a chunk without choices.
    const counts = usage !== undefined && asksForUsage(this.#facts)
    const counted = counts ? this.#chunk([], { usage: usageOf(usage) }) : ''
    return `${this.#chunk(ends)}${counted}data: [DONE]\n\n`
  }

  whole(): unknown {
    const { blocks, finishes, usage, error } = this.#content
    if (error !== undefined) return { error: errorOf(error.failure, this.#facts) }
    const indexes = new Set([0])
    for (const block of blocks) if (block.type !== 'other') indexes.add(block.choice)
    for (const finish of finishes) indexes.add(finish.choice)
    const choices = [...indexes]
      .toSorted((a, b) => a - b)
      .map((index) => ({
        index,
        message: messageOf(blocksOf(blocks, index)),
        logprobs: null,
        finish_reason: this.#reasonOf(index),
      }))
    return {
      ...this.#head('chat.completion'),
      choices,
      ...present({ usage: usage && usageOf(usage) }),
    }
  }

  #chunk(choices: ChunkChoice[], more: { readonly usage?: unknown } = {}): string {
    for (const choice of choices) {
      // The SDK's accumulator wants to know the role of every choice before it ends.
      if (!this.#started.has(choice.index)) choice.delta = { role: 'assistant', ...choice.delta }
      this.#started.add(choice.index)
    }
    return sseEvent({ ...this.#head('chat.completion.chunk'), choices, ...more })
  }

  #head(object: string): Readonly<Record<string, unknown>> {
    const { id = 'chatcmpl-holdfast', model = this.#facts.model } = this.#content
    return { id, object, created: this.#created, model }
  }

  #reasonOf(index: number): string | null {
    const finish = this.#content.finishes.find(({ choice }) => choice === index)
    if (finish === undefined) return null
    const said = blocksOf(this.#content.blocks, index).some(({ type }) => type === 'refusal')
    // A refusal in its own words is a normal end; one without words must not look like an answer.
    if (finish.reason === 'refusal' && !said) return 'content_filter'
    return rawReason(finish.reason, finish.raw)
  }
}

function asksForUsage({ request }: WriterFacts): boolean {
  if (request === undefined) return true
  return object(request.extra['stream_options'])?.['include_usage'] === true
}

function blocksOf(blocks: readonly Block[], index: number): Block[] {
  return blocks.filter((block) => (block.type === 'other' ? index === 0 : block.choice === index))
}

interface ChunkChoice {
  readonly index: number
  delta: Readonly<Record<string, unknown>>
  readonly finish_reason: string | null
}

function pieceOf(event: ReplyEvent): ChunkChoice | undefined {
  switch (event.type) {
    case 'message-start':
      return piece(0, { content: '' })
    case 'text-delta':
      return piece(event.choice, { content: event.text })
    case 'refusal-delta':
      return piece(event.choice, { refusal: event.text })
    case 'reasoning-delta':
      return piece(event.choice, reasoningOf([event]))
    case 'tool-call-start': {
      const { choice, index, name } = event
      const id = event.id || `call_${index}`
      const call = { index, id, type: 'function', function: { name, arguments: '' } }
      return piece(choice, { tool_calls: [call] })
    }
    case 'tool-call-delta': {
      const call = { index: event.index, function: { arguments: event.arguments } }
      return piece(event.choice, { tool_calls: [call] })
    }
    case 'other-content':
      return piece(0, { [event.name]: event.value })
    default:
      return undefined
  }
}

function piece(index: number, delta: ChunkChoice['delta']): ChunkChoice {
  return { index, delta, finish_reason: null }
}

function messageOf(blocks: readonly Block[]): Readonly<Record<string, unknown>> {
  const text = join(blocks, 'text')
  const reasoning = blocks.filter((block) => block.type === 'reasoning')
  const refusal = join(blocks, 'refusal')
  const calls = blocks
    .filter((block) => block.type === 'tool-call')
    .map(({ id, index, name, arguments: json }) => ({
      id: id || `call_${index}`,
      type: 'function',
      function: { name, arguments: json },
    }))
  const others = blocks.filter((block) => block.type === 'other')
  return {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...reasoningOf(reasoning),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...Object.fromEntries(others.map(({ name, value }) => [name, value])),
  }
}

/** Reasoning by its usual name; what has to go back with it as OpenRouter says it. */
function reasoningOf(
  pieces: readonly {
    readonly text: string
    readonly signature?: string
    readonly encrypted?: string
  }[],
): Readonly<Record<string, unknown>> {
  const text = pieces.map((piece) => piece.text).join('')
  const details = pieces.flatMap(({ signature, encrypted }) => [
    ...(signature ? [{ type: 'reasoning.text', signature }] : []),
    ...(encrypted ? [{ type: 'reasoning.encrypted', data: encrypted }] : []),
  ])
  return {
    ...(text === '' ? {} : { reasoning_content: text }),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
  }
}

function join(blocks: readonly Block[], type: 'text' | 'refusal'): string {
  return blocks.map((block) => (block.type === type ? block.text : '')).join('')
}

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'stop',
  'malformed-tool-call': 'stop',
  other: 'stop',
}

function rawReason(reason: FinishReason, raw: string): string {
  return Object.values(reasons).includes(raw) || raw === 'function_call' ? raw : reasons[reason]
}

function usageOf(usage: Usage): Readonly<Record<string, unknown>> {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens, reasoningTokens } = usage
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedInputTokens === undefined && usage.cacheWriteTokens === undefined
      ? {}
      : {
          prompt_tokens_details: present({
            cached_tokens: cachedInputTokens,
            cache_write_tokens: usage.cacheWriteTokens,
          }),
        }),
    ...(reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  }
}

// https://platform.openai.com/docs/guides/error-codes (2026-11-21)
const errorWords: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
}

/** Codes that mean the same wherever they come from, and that applications look for. */
const knownCodes = new Set(['context_length_exceeded', 'insufficient_quota'])

/** An error in OpenAI's words: its own, or those that OpenAI has for the status. */
export function errorOf(
  failure: Failure,
  { foreign = false }: Pick<WriterFacts, 'foreign'>,
): Readonly<Record<string, unknown>> {
  const { message, status = 500 } = failure
  if (foreign) {
    const usual = status < 500 ? 'invalid_request_error' : 'server_error'
    const [type, code] = errorWords[status] ?? [usual, null]
    const known = [failure.code, failure.type].find((word) => word && knownCodes.has(word))
    return { message, type, code: known ?? code, param: null }
  }
  const { code = null, type = failure.code ?? 'server_error' } = failure
  return { message, type, code, param: null }
}
