import type { Answer, AnswerToolCall, AnswerUsage, Finish } from '../answer.ts'
import { cutArguments, cutText } from '../answer.ts'
import type { Mark, Part } from '../move.ts'
import type { Random } from '../random.ts'
import { bedrockError, bedrockErrors, requestId } from './bedrock-errors.ts'
import { awsEvent, awsException } from './event-stream.ts'
import type { ErrorKind, Wire } from './wire.ts'

/** Amazon Bedrock's Converse. */
export const bedrockConverse: Wire = {
  headers: (asked, random) => bedrockHeaders(asked.streaming, random),
  whole,
  stream,
  error: bedrockError,
  errorEvent: exception,
  // Bedrock has no error inside another event.
  errorInChunk: exception,
  // Nor anything that only keeps a stream alive: an empty piece comes closest.
  keepAlive: () => awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: '' } }),
  rateLimitHeaders: () => ({}),
}

/** The headers of a good answer of Bedrock. */
export function bedrockHeaders(streaming: boolean, random: Random): Record<string, string> {
  return {
    'content-type': streaming ? 'application/vnd.amazon.eventstream' : 'application/json',
    'x-amzn-requestid': requestId(random.word(32, '0123456789abcdef')),
  }
}

/** An error as an exception of the stream. */
export function exception(kind: ErrorKind): Buffer {
  const { type, message } = bedrockErrors[kind]
  return awsException(type.charAt(0).toLowerCase() + type.slice(1), message)
}

function whole(answer: Answer): string {
  const content: object[] = []
  if (answer.reasoning !== '') {
    const signature = signatureOf(answer.random)
    content.push({ reasoningContent: { reasoningText: { text: answer.reasoning, signature } } })
  }
  const text = answer.text === '' ? answer.refusal : answer.text
  if (text !== '') content.push({ text })
  for (const call of answer.toolCalls) {
    content.push({ toolUse: { ...toolUse(call, answer.random), input: call.arguments } })
  }
  return JSON.stringify({
    metrics: { latencyMs: 420 },
    output: { message: { content: answer.candidates === 'one' ? content : [], role: 'assistant' } },
    stopReason: stopReason(answer.finish),
    ...(answer.usage === undefined ? {} : { usage: usage(answer.usage) }),
  })
}

function stream(answer: Answer): Part[] {
  const parts: Part[] = []
  const push = (mark: Mark, name: string, value: object): void => {
    parts.push({ mark, text: awsEvent(name, value, answer.random) })
  }
  push('opening', 'messageStart', { role: 'assistant' })
  let contentBlockIndex = 0
  const deltas = (mark: Mark, values: readonly object[]): void => {
    for (const delta of values) push(mark, 'contentBlockDelta', { contentBlockIndex, delta })
  }
  const stop = (): void => {
    push('closing', 'contentBlockStop', { contentBlockIndex })
    contentBlockIndex += 1
  }
  if (answer.candidates === 'one') {
    if (answer.reasoning !== '') {
      const thoughts = cutText(answer.reasoning, answer.chunks)
      deltas(
        'content',
        thoughts.map((text) => ({ reasoningContent: { text } })),
      )
      deltas('closing', [{ reasoningContent: { signature: signatureOf(answer.random) } }])
      stop()
    }
    const text = answer.text === '' ? answer.refusal : answer.text
    if (text !== '') {
      deltas(
        'content',
        cutText(text, answer.chunks).map((text) => ({ text })),
      )
      stop()
    }
    for (const call of answer.toolCalls) {
      const start = { toolUse: toolUse(call, answer.random) }
      push('content', 'contentBlockStart', { contentBlockIndex, start })
      const pieces = ['', ...cutArguments(call.argumentsText, answer.argumentChunks)]
      deltas(
        'content',
        pieces.map((input) => ({ toolUse: { input } })),
      )
      stop()
    }
  }
  push('finish', 'messageStop', { stopReason: stopReason(answer.finish) })
  const counts = answer.usage === undefined ? {} : { usage: usage(answer.usage) }
  push('usage', 'metadata', { metrics: { latencyMs: 420 }, ...counts })
  return parts
}

function toolUse(call: AnswerToolCall, random: Random): object {
  return { name: call.name, toolUseId: call.id ?? `tooluse_${random.word(22)}` }
}

function signatureOf(random: Random): string {
  return `EpAFCkgI${random.word(158)}==`
}

function stopReason(finish: Finish): string {
  switch (finish) {
    case 'length':
      return 'max_tokens'
    case 'tool-calls':
      return 'tool_use'
    case 'content-filter':
    case 'recitation':
      return 'content_filtered'
    case 'malformed-function-call':
      return 'malformed_tool_use'
    default:
      return 'end_turn'
  }
}

// Bedrock counts cached input apart from inputTokens.
function usage(counts: AnswerUsage): object {
  const { inputTokens, outputTokens, cachedInputTokens } = counts
  return {
    cacheReadInputTokens: cachedInputTokens,
    cacheWriteInputTokens: 0,
    inputTokens: inputTokens - cachedInputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
  }
}
