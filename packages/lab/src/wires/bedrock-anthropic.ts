import type { Part } from '../move.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { bedrockHeaders, exception } from './bedrock-converse.ts'
import { bedrockError } from './bedrock-errors.ts'
import { awsEvent } from './event-stream.ts'
import type { Wire } from './wire.ts'

/** Amazon Bedrock's InvokeModel with a body of Anthropic's. */
export const bedrockAnthropic: Wire = {
  headers: (asked, random) => ({
    ...bedrockHeaders(asked.streaming, random),
    ...(asked.streaming ? { 'x-amzn-bedrock-content-type': 'application/json' } : {}),
  }),
  whole: (answer, asked) => anthropicMessages.whole(answer, asked),
  stream: (answer, asked) => {
    const parts = anthropicMessages.stream(answer, asked).filter(({ mark }) => mark !== 'ping')
    return parts.map(({ mark, text }): Part => {
      const isLast = mark === 'terminal'
      const metrics = answer.usage && {
        inputTokenCount: answer.usage.inputTokens - answer.usage.cachedInputTokens,
        outputTokenCount: answer.usage.outputTokens,
        invocationLatency: 420,
        firstByteLatency: 42,
        cacheReadInputTokenCount: answer.usage.cachedInputTokens,
        cacheWriteInputTokenCount: 0,
      }
      return {
        mark,
        text: chunk(text, isLast ? { 'amazon-bedrock-invocationMetrics': metrics } : {}),
      }
    })
  },
  error: bedrockError,
  errorEvent: exception,
  errorInChunk: (kind, context) => chunk(anthropicMessages.errorInChunk(kind, context), {}),
  keepAlive: (asked) => chunk(anthropicMessages.keepAlive(asked), {}),
  rateLimitHeaders: () => ({}),
}

/** The JSON of a server-sent event, as Bedrock wraps it. */
function chunk(text: string | Uint8Array, more: object): Buffer {
  const data = /^data: (.*)$/m.exec(text.toString())?.[1] ?? '{}'
  const json = JSON.stringify({ ...JSON.parse(data), ...more })
  return awsEvent('chunk', { bytes: Buffer.from(json).toString('base64') })
}
