import { bytesBody, httpHeaders, openReply } from '@holdfast/core'
import type { LlmCall, LlmReply, Next } from '@holdfast/core'
import type { WireName } from './conversation.ts'

/** A provider that counts in its own way, and refuses what is too long for its model, in its own words. */
export interface Provider {
  readonly send: Next
  /** The bodies it was sent since somebody looked last. */
  take(): readonly { readonly body: string; readonly tokens: number; readonly fits: boolean }[]
}

export interface ProviderOptions {
  readonly wire: WireName
  readonly windowTokens: number
  readonly answerTokens: number
  readonly count: (call: LlmCall) => Promise<number>
}

/** Answers in process, with the bytes of the wire. */
export function providerOf(options: ProviderOptions): Provider {
  const { wire, windowTokens, answerTokens } = options
  let seen: { body: string; tokens: number; fits: boolean }[] = []
  return {
    async send(call): Promise<LlmReply> {
      const tokens = await options.count(call)
      const fits = tokens + answerTokens <= windowTokens
      seen.push({ body: String(call.http.body), tokens, fits })
      const said = fits
        ? answers[wire](tokens)
        : refusals[wire](tokens, windowTokens - answerTokens)
      return openReply(call, {
        status: fits ? 200 : 400,
        statusText: '',
        headers: httpHeaders({ 'content-type': 'application/json' }),
        body: bytesBody(Buffer.from(JSON.stringify(said))),
      })
    },
    take() {
      const taken = seen
      seen = []
      return taken
    },
  }
}

const answers: Readonly<Record<WireName, (tokens: number) => unknown>> = {
  'openai-chat': (tokens) => ({
    id: 'c1',
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: tokens, completion_tokens: 1, total_tokens: tokens + 1 },
  }),
  'openai-responses': (tokens) => ({
    id: 'r1',
    object: 'response',
    status: 'completed',
    output: [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'ok' }] },
    ],
    usage: { input_tokens: tokens, output_tokens: 1, total_tokens: tokens + 1 },
  }),
  'anthropic-messages': (tokens) => ({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'ok' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: tokens, output_tokens: 1 },
  }),
  gemini: (tokens) => ({
    candidates: [{ content: { role: 'model', parts: [{ text: 'ok' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: tokens, candidatesTokenCount: 1 },
  }),
}

const openaiRefusal = (tokens: number, most: number): unknown => ({
  error: {
    message: `This model's maximum context length is ${most} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
  },
})

const refusals: Readonly<Record<WireName, (tokens: number, most: number) => unknown>> = {
  'openai-chat': openaiRefusal,
  'openai-responses': openaiRefusal,
  'anthropic-messages': (tokens, most) => ({
    type: 'error',
    error: {
      type: 'invalid_request_error',
      message: `prompt is too long: ${tokens} tokens > ${most} maximum`,
    },
  }),
  gemini: (tokens, most) => ({
    error: {
      code: 400,
      message: `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${most}).`,
      status: 'INVALID_ARGUMENT',
    },
  }),
}
