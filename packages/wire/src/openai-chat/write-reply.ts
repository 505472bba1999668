import type { Failure, FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { present } from '../request/members.ts'
import { type Block, contentOf } from '../reply/blocks.ts'
import { bytesOf, sseEvent } from '../sse/write-event.ts'

/** Writes a reply as chat completion chunks, one piece per event, or as one chat completion. */
export function writeReply(
  events: readonly ReplyEvent[],
  facts: { readonly streaming: boolean; readonly model: string },
): Uint8Array[] {
  return facts.streaming
    ? writeStream(events, facts.model)
    : [bytesOf(writeWhole(events, facts.model))]
}

function writeStream(events: readonly ReplyEvent[], asked: string): Uint8Array[] {
  const { id, model, finishes } = contentOf(events)
  const base = head(id, model ?? asked, 'chat.completion.chunk')
  const started = new Set<number>()
  return events.map((event, at) => {
    const { choices, usage } = chunkOf(event)
    for (const choice of choices) {
      // The SDK's accumulator wants to know the role of every choice before it ends.
      if (!started.has(choice.index)) choice.delta = { role: 'assistant', ...choice.delta }
      started.add(choice.index)
    }
    let text = ''
    if (event.type === 'keep-alive') text = ': keep-alive\n\n'
    else if (event.type === 'error') text = sseEvent({ error: errorOf(event.failure) })
    else if (choices.length > 0 || usage !== undefined) {
      text = sseEvent({ ...base, choices, ...present({ usage }) })
    }
    const ends = at === events.length - 1 && finishes.length > 0
    return bytesOf(ends ? `${text}data: [DONE]\n\n` : text)
  })
}

interface ChunkChoice {
  readonly index: number
  delta: Readonly<Record<string, unknown>>
  readonly finish_reason: string | null
}

function chunkOf(event: ReplyEvent): { choices: ChunkChoice[]; usage?: unknown } {
  switch (event.type) {
    case 'message-start':
      return { choices: [{ index: 0, delta: { content: '' }, finish_reason: null }] }
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
    case 'finish':
      return {
        choices: [
          { index: event.choice, delta: {}, finish_reason: rawReason(event.reason, event.raw) },
        ],
      }
    case 'usage':
      return { choices: [], usage: usageOf(event.usage) }
    default:
      return { choices: [] }
  }
}

function piece(index: number, delta: ChunkChoice['delta']): { choices: ChunkChoice[] } {
  return { choices: [{ index, delta, finish_reason: null }] }
}

function writeWhole(events: readonly ReplyEvent[], asked: string): string {
  const { id, model, blocks, finishes, usage, error } = contentOf(events)
  if (error !== undefined) return JSON.stringify({ error: errorOf(error.failure) })
  const indexes = new Set([0])
  for (const block of blocks) if (block.type !== 'other') indexes.add(block.choice)
  for (const finish of finishes) indexes.add(finish.choice)
  const choices = [...indexes]
    .toSorted((a, b) => a - b)
    .map((index) => {
      const finish = finishes.find((finish) => finish.choice === index)
      const mine = blocks.filter((block) =>
        block.type === 'other' ? index === 0 : block.choice === index,
      )
      return {
        index,
        message: messageOf(mine),
        logprobs: null,
        finish_reason: finish ? rawReason(finish.reason, finish.raw) : null,
      }
    })
  return JSON.stringify({
    ...head(id, model ?? asked, 'chat.completion'),
    choices,
    ...present({ usage: usage && usageOf(usage) }),
  })
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

function head(
  id: string | undefined,
  model: string,
  object: string,
): Readonly<Record<string, unknown>> {
  const created = Math.floor(Date.now() / 1000)
  return { id: id ?? 'chatcmpl-holdfast', object, created, model }
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

function errorOf(failure: Failure): Readonly<Record<string, unknown>> {
  const { message, code = null, type = failure.code ?? 'server_error' } = failure
  return { message, type, code, param: null }
}
