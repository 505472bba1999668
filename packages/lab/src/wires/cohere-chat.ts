import type { Answer, AnswerToolCall, AnswerUsage, Finish } from '../answer.ts'
import { cutArguments, cutText } from '../answer.ts'
import type { Mark, Part } from '../move.ts'
import type { Random } from '../random.ts'
import { requestId } from './bedrock-errors.ts'
import { plainErrors } from './plain-errors.ts'
import type { Wire } from './wire.ts'

/** Cohere's v2 chat. */
export const cohereChat: Wire = {
  headers: (asked) => ({
    'content-type': asked.streaming ? 'text/event-stream' : 'application/json',
  }),
  whole,
  stream,
  error: (kind, { random }) => {
    const { status, message } = plainErrors[kind]
    return {
      status,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: id(random), message }),
    }
  },
  errorEvent: (kind) =>
    event('message-end', { delta: { finish_reason: 'ERROR', error: plainErrors[kind].message } }),
  errorInChunk: (kind) => `data: ${JSON.stringify({ message: plainErrors[kind].message })}\n\n`,
  keepAlive: () => ': keep-alive\n\n',
  rateLimitHeaders: () => ({ 'x-endpoint-monthly-call-limit': '1000' }),
}

function whole(answer: Answer): string {
  const content: object[] = []
  if (answer.reasoning !== '') content.push({ type: 'thinking', thinking: answer.reasoning })
  const text = answer.text === '' ? answer.refusal : answer.text
  if (text !== '') content.push({ type: 'text', text })
  const calls = answer.toolCalls.map((call) => toolCall(call, call.argumentsText, answer.random))
  const one = answer.candidates === 'one'
  return JSON.stringify({
    id: id(answer.random),
    message: {
      role: 'assistant',
      ...(content.length > 0 && one ? { content } : {}),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    },
    finish_reason: finishReason(answer.finish),
    ...(answer.usage === undefined ? {} : { usage: usage(answer.usage) }),
  })
}

function stream(answer: Answer): Part[] {
  const parts: Part[] = []
  const push = (mark: Mark, type: string, data: object): void => {
    parts.push({ mark, text: event(type, data) })
  }
  const empty = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  push('opening', 'message-start', { id: id(answer.random), delta: { message: empty } })
  let index = 0
  const block = (type: 'thinking' | 'text', text: string): void => {
    if (text === '') return
    const start = { message: { content: { type, [type]: '' } } }
    push('opening', 'content-start', { index, delta: start })
    for (const piece of cutText(text, answer.chunks)) {
      const delta = { message: { content: { [type]: piece } } }
      push('content', 'content-delta', { index, delta })
    }
    push('closing', 'content-end', { index })
    index += 1
  }
  if (answer.candidates === 'one') {
    block('thinking', answer.reasoning)
    block('text', answer.text === '' ? answer.refusal : answer.text)
    for (const [index, call] of answer.toolCalls.entries()) {
      const delta = { message: { tool_calls: toolCall(call, '', answer.random) } }
      push('content', 'tool-call-start', { index, delta })
      for (const piece of cutArguments(call.argumentsText, answer.argumentChunks)) {
        const delta = { message: { tool_calls: { function: { arguments: piece } } } }
        push('content', 'tool-call-delta', { index, delta })
      }
      push('closing', 'tool-call-end', { index })
    }
  }
  const counts = answer.usage === undefined ? {} : { usage: usage(answer.usage) }
  const delta = { finish_reason: finishReason(answer.finish), ...counts }
  push('finish', 'message-end', { delta })
  parts.push({ mark: 'terminal', text: 'data: [DONE]\n\n' })
  return parts
}

function toolCall(call: AnswerToolCall, json: string, random: Random): object {
  const id = call.id ?? `${call.name}_${random.word(12)}`
  return { id, type: 'function', function: { name: call.name, arguments: json } }
}

function finishReason(finish: Finish): string {
  switch (finish) {
    case 'length':
      return 'MAX_TOKENS'
    case 'tool-calls':
      return 'TOOL_CALL'
    case 'content-filter':
    case 'recitation':
      return 'ERROR_TOXIC'
    default:
      return 'COMPLETE'
  }
}

function usage({ inputTokens, outputTokens, cachedInputTokens }: AnswerUsage): object {
  const tokens = { input_tokens: inputTokens, output_tokens: outputTokens }
  return { billed_units: tokens, tokens, cached_tokens: cachedInputTokens }
}

function id(random: Random): string {
  return requestId(random.word(32, '0123456789abcdef'))
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}
