import type { Answer, AnswerToolCall, AnswerUsage, Finish } from '../answer.ts'
import { cutArguments, cutText } from '../answer.ts'
import { members } from '../json.ts'
import type { Mark, Part } from '../move.ts'
import {
  openaiError,
  openaiErrorObject,
  openaiHeaders,
  openaiRateLimitHeaders,
} from './openai-errors.ts'
import type { Asked, ErrorContext, ErrorKind, Wire } from './wire.ts'

/** OpenAI Chat Completions, which most other providers speak too. */
export const openaiChat: Wire = {
  headers: (asked, random) => ({
    'content-type': asked.streaming ? 'text/event-stream; charset=utf-8' : 'application/json',
    ...(asked.streaming ? { 'cache-control': 'no-cache' } : {}),
    ...openaiHeaders(random),
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-limit-tokens': '200000',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-remaining-tokens': '199772',
    'x-ratelimit-reset-requests': '120ms',
    'x-ratelimit-reset-tokens': '68ms',
  }),
  whole,
  stream,
  error: openaiError,
  errorEvent: (kind, context) => `data: ${JSON.stringify({ error: errorBody(kind, context) })}\n\n`,
  errorInChunk: (kind, context) =>
    event({
      ...shell(
        context.asked.model,
        0,
        `chatcmpl-${context.random.word(29)}`,
        'chat.completion.chunk',
      ),
      error: errorBody(kind, context),
      choices: [
        {
          index: 0,
          delta: { role: 'assistant', content: '' },
          logprobs: null,
          finish_reason: 'error',
        },
      ],
    }),
  keepAlive: () => ': keep-alive\n\n',
  rateLimitHeaders: openaiRateLimitHeaders,
}

function whole(answer: Answer): string {
  const ofOld = answer.toolCalls.find(isOfOld)
  const usual = answer.toolCalls.filter((call) => !isOfOld(call))
  const calls = usual.map((call) => ({
    id: call.id ?? `call_${answer.random.word(24)}`,
    type: 'function',
    function: functionOf(call),
  }))
  const message = {
    role: 'assistant',
    content: answer.text === '' && (calls.length > 0 || answer.refusal !== '') ? null : answer.text,
    ...(answer.reasoning === '' ? {} : { reasoning_content: answer.reasoning }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(ofOld === undefined ? {} : { function_call: functionOf(ofOld) }),
    refusal: answer.refusal === '' ? null : answer.refusal,
    annotations: [],
  }
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReasonOf(answer) }
  const body = {
    ...shell(
      answer.model,
      answer.createdAt,
      `chatcmpl-${answer.random.word(29)}`,
      'chat.completion',
    ),
    choices: answer.candidates === 'one' ? [choice] : [],
    ...(answer.usage === undefined ? {} : { usage: usage(answer.usage) }),
    service_tier: 'default',
    system_fingerprint: `fp_${answer.random.word(10, '0123456789abcdef')}`,
  }
  return `${JSON.stringify(body, null, 2)}\n`
}

function stream(answer: Answer, asked: Asked): Part[] {
  const options = members(asked.body['stream_options'])
  const withUsage = options['include_usage'] === true && answer.usage !== undefined
  const head = {
    ...shell(
      answer.model,
      answer.createdAt,
      `chatcmpl-${answer.random.word(29)}`,
      'chat.completion.chunk',
    ),
    service_tier: 'default',
    system_fingerprint: `fp_${answer.random.word(10, '0123456789abcdef')}`,
  }
  const tail = (): object => ({
    ...(withUsage ? { usage: null } : {}),
    // OpenAI pads every chunk with a word of random length against traffic analysis.
    obfuscation: answer.random.word(1 + Math.floor(answer.random.next() * 14)),
  })
  const chunk = (mark: Mark, delta: object, finish: string | null = null): Part => ({
    mark,
    text: event({
      ...head,
      choices:
        answer.candidates === 'one'
          ? [{ index: 0, delta, logprobs: null, finish_reason: finish }]
          : [],
      ...tail(),
    }),
  })

  const parts = [chunk('opening', { role: 'assistant', content: '', refusal: null })]
  if (answer.candidates === 'one') {
    for (const piece of cutText(answer.reasoning, answer.chunks)) {
      parts.push(chunk('content', { reasoning_content: piece }))
    }
    for (const piece of cutText(answer.text, answer.chunks)) {
      parts.push(chunk('content', { content: piece }))
    }
    for (const piece of cutText(answer.refusal, answer.chunks)) {
      parts.push(chunk('content', { refusal: piece }))
    }
    const ofOld = answer.toolCalls.find(isOfOld)
    if (ofOld !== undefined) {
      parts.push(chunk('content', { function_call: { name: ofOld.name, arguments: '' } }))
      for (const piece of cutArguments(ofOld.argumentsText, answer.argumentChunks)) {
        parts.push(chunk('content', { function_call: { arguments: piece } }))
      }
    }
    for (const [index, call] of answer.toolCalls.filter((call) => !isOfOld(call)).entries()) {
      const id = call.id ?? `call_${answer.random.word(24)}`
      const opening = { index, id, type: 'function', function: { name: call.name, arguments: '' } }
      parts.push(chunk('content', { tool_calls: [opening] }))
      for (const piece of cutArguments(call.argumentsText, answer.argumentChunks)) {
        parts.push(chunk('content', { tool_calls: [{ index, function: { arguments: piece } }] }))
      }
    }
    parts.push(chunk('finish', {}, finishReasonOf(answer)))
  }
  if (withUsage && answer.usage !== undefined) {
    const last = { ...head, choices: [], ...tail(), usage: usage(answer.usage) }
    parts.push({ mark: 'usage', text: event(last) })
  }
  parts.push({ mark: 'terminal', text: 'data: [DONE]\n\n' })
  return parts
}

function isOfOld({ kind }: AnswerToolCall): boolean {
  return kind === 'function-call'
}

function functionOf({ name, argumentsText }: AnswerToolCall): object {
  return { name, arguments: argumentsText }
}

function finishReasonOf({ finish, toolCalls }: Answer): string {
  const called = finish === 'tool-calls' && toolCalls.length > 0 && toolCalls.every(isOfOld)
  return called ? 'function_call' : finishReason(finish)
}

function finishReason(finish: Finish): string {
  switch (finish) {
    case 'tool-calls':
      return 'tool_calls'
    case 'content-filter':
    case 'recitation':
      return 'content_filter'
    case 'refusal':
      return 'stop'
    case 'malformed-function-call':
      // How Gemini's OpenAI-compatible endpoint names it.
      return 'function_call_filter: MALFORMED_FUNCTION_CALL'
    case 'unknown':
      return 'lab_unheard_of'
    default:
      return finish
  }
}

function usage(counts: AnswerUsage): object {
  return {
    prompt_tokens: counts.inputTokens,
    completion_tokens: counts.outputTokens,
    total_tokens: counts.inputTokens + counts.outputTokens,
    prompt_tokens_details: { cached_tokens: counts.cachedInputTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: counts.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

function shell(model: string, created: number, id: string, object: string): object {
  return { id, object, created, model }
}

function errorBody(kind: ErrorKind, context: ErrorContext): object {
  return openaiErrorObject(kind, context)
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
