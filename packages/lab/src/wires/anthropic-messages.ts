import type { Answer, AnswerToolCall, AnswerUsage, Finish } from '../answer.ts'
import { cutArguments, cutText } from '../answer.ts'
import type { Mark, Part } from '../move.ts'
import type { Random } from '../random.ts'
import { anthropicErrors } from './anthropic-errors.ts'
import type { Wire } from './wire.ts'

/** Anthropic Messages. */
export const anthropicMessages: Wire = {
  headers: (asked, random) => ({
    'content-type': asked.streaming ? 'text/event-stream; charset=utf-8' : 'application/json',
    ...(asked.streaming ? { 'cache-control': 'no-cache' } : {}),
    'request-id': requestId(random),
    ...rateLimits({ remaining: 3999, resetMs: 0 }),
  }),
  whole,
  stream,
  error: (kind, context) => {
    const { status, ...error } = anthropicErrors[kind](context)
    const request_id = requestId(context.random)
    return {
      status,
      headers: {
        'content-type': 'application/json',
        'request-id': request_id,
        'x-should-retry': String(
          status === 408 || status === 409 || status === 429 || status >= 500,
        ),
      },
      body: JSON.stringify({ type: 'error', error, request_id }),
    }
  },
  errorEvent: (kind, context) => {
    const { status: _, ...error } = anthropicErrors[kind](context)
    return event('error', { type: 'error', error, request_id: requestId(context.random) })
  },
  // Anthropic has no error inside another event; gateways send it unnamed, as plain data.
  errorInChunk: (kind, context) => {
    const { status: _, ...error } = anthropicErrors[kind](context)
    return `data: ${JSON.stringify({ type: 'error', error })}\n\n`
  },
  keepAlive: () => 'event: ping\ndata: {"type": "ping"}\n\n',
  rateLimitHeaders: (resetMs) => rateLimits({ remaining: 0, resetMs }),
}

function whole(answer: Answer): string {
  const content: object[] = []
  if (answer.reasoning !== '') {
    const signature = signatureOf(answer.random)
    content.push({ type: 'thinking', thinking: answer.reasoning, signature })
  }
  const text = answer.text === '' ? answer.refusal : answer.text
  if (text !== '') content.push({ type: 'text', text })
  for (const call of answer.toolCalls) {
    content.push({ ...toolUse(call, answer.random), input: call.arguments })
  }
  return JSON.stringify({
    ...message(answer),
    content: answer.candidates === 'one' ? content : [],
    stop_reason: stopReason(answer.finish),
    stop_sequence: null,
    ...(answer.usage === undefined ? {} : { usage: usage(answer.usage) }),
  })
}

function stream(answer: Answer): Part[] {
  const parts: Part[] = []
  const push = (mark: Mark, type: string, data: object): void => {
    parts.push({ mark, text: event(type, { type, ...data }, answer.random) })
  }
  const { usage: counts } = answer
  push('opening', 'message_start', {
    message: {
      ...message(answer),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      ...(counts === undefined ? {} : { usage: { ...usage(counts), output_tokens: 1 } }),
    },
  })

  let index = 0
  const block = (
    content_block: object,
    deltas: readonly (readonly [mark: Mark, delta: object])[],
    startMark: Mark = 'opening',
  ): void => {
    push(startMark, 'content_block_start', { index, content_block })
    // The first block's start is followed by a ping, also in the real thing.
    if (index === 0) parts.push({ mark: 'ping', text: 'event: ping\ndata: {"type": "ping"}\n\n' })
    for (const [mark, delta] of deltas) push(mark, 'content_block_delta', { index, delta })
    push('closing', 'content_block_stop', { index })
    index += 1
  }

  if (answer.candidates === 'one') {
    if (answer.reasoning !== '') {
      const thoughts = cutText(answer.reasoning, answer.chunks)
      block({ type: 'thinking', thinking: '', signature: '' }, [
        ...thoughts.map((thinking) => ['content', { type: 'thinking_delta', thinking }] as const),
        ['closing', { type: 'signature_delta', signature: signatureOf(answer.random) }],
      ])
    }
    const text = answer.text === '' ? answer.refusal : answer.text
    if (text !== '') {
      const pieces = cutText(text, answer.chunks)
      block(
        { type: 'text', text: '' },
        pieces.map((piece) => ['content', { type: 'text_delta', text: piece }] as const),
      )
    }
    for (const call of answer.toolCalls) {
      const pieces = ['', ...cutArguments(call.argumentsText, answer.argumentChunks)]
      block(
        { ...toolUse(call, answer.random), input: {} },
        pieces.map(
          (partial_json) => ['content', { type: 'input_json_delta', partial_json }] as const,
        ),
        'content',
      )
    }
  }
  push('finish', 'message_delta', {
    delta: { stop_reason: stopReason(answer.finish), stop_sequence: null },
    ...(counts === undefined ? {} : { usage: lastUsage(counts) }),
  })
  push('terminal', 'message_stop', {})
  return parts
}

function message(answer: Answer): object {
  return {
    model: answer.model,
    id: `msg_01${answer.random.word(22)}`,
    type: 'message',
    role: 'assistant',
  }
}

function toolUse(call: AnswerToolCall, random: Random): object {
  return { type: 'tool_use', id: call.id ?? `toolu_01${random.word(22)}`, name: call.name }
}

function signatureOf(random: Random): string {
  return `Ep8FCm4I${random.word(158)}==`
}

function requestId(random: Random): string {
  return `req_011C${random.word(20)}`
}

function stopReason(finish: Finish): string {
  switch (finish) {
    case 'length':
      return 'max_tokens'
    case 'tool-calls':
      return 'tool_use'
    case 'content-filter':
    case 'refusal':
    case 'recitation':
      return 'refusal'
    case 'unknown':
      return 'lab_unheard_of'
    default:
      return 'end_turn'
  }
}

// Anthropic counts cached input apart from input_tokens.
function usage(counts: AnswerUsage): object {
  return {
    input_tokens: counts.inputTokens - counts.cachedInputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: counts.cachedInputTokens,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: counts.outputTokens,
    service_tier: 'standard',
    inference_geo: 'not_available',
  }
}

function lastUsage(counts: AnswerUsage): object {
  return {
    input_tokens: counts.inputTokens - counts.cachedInputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: counts.cachedInputTokens,
    output_tokens: counts.outputTokens,
    ...(counts.reasoningTokens > 0
      ? { output_tokens_details: { thinking_tokens: counts.reasoningTokens } }
      : {}),
  }
}

function rateLimits({
  remaining,
  resetMs,
}: {
  remaining: number
  resetMs: number
}): Record<string, string> {
  const reset = new Date(Date.now() + resetMs).toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': String(remaining),
    'anthropic-ratelimit-requests-reset': reset,
    'anthropic-ratelimit-tokens-limit': '2400000',
    'anthropic-ratelimit-tokens-remaining': remaining === 0 ? '0' : '2400000',
    'anthropic-ratelimit-tokens-reset': reset,
  }
}

function event(name: string, data: object, random?: Random): string {
  const json = JSON.stringify(data)
  // Anthropic pads some events with spaces before the last brace.
  const spaces = random === undefined ? 0 : Math.floor(random.next() * 14)
  return `event: ${name}\ndata: ${json.slice(0, -1)}${' '.repeat(spaces)}}\n\n`
}
