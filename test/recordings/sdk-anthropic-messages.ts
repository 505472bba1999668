import Anthropic from '@anthropic-ai/sdk'
import type { BetaMessage } from '@anthropic-ai/sdk/resources/beta/messages'
import { type Answer, type AnswerToolCall, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'

const question = {
  model: 'recorded',
  max_tokens: 1024,
  messages: [{ role: 'user' as const, content: 'Hello' }],
}

/** What Anthropic's SDK makes of an answer of the Messages API. */
export async function messagesAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = new Anthropic({ baseURL: baseUrl, apiKey: 'none', maxRetries: 0, logLevel: 'off' })
  if (!streaming) return { answer: ofMessage(await client.beta.messages.create(question)) }
  return { answer: ofMessage(await client.beta.messages.stream(question).finalMessage()) }
}

function ofMessage(message: BetaMessage): Answer {
  let text = ''
  let reasoning = ''
  const toolCalls: AnswerToolCall[] = []
  for (const block of message.content) {
    if (block.type === 'text') text += block.text
    else if (block.type === 'thinking') reasoning += block.thinking
    else if (block.type === 'tool_use') {
      toolCalls.push({ id: block.id, name: block.name, arguments: block.input })
    }
  }
  return {
    choices: [
      { text, reasoning, refusal: '', toolCalls, finish: message.stop_reason ?? undefined },
    ],
    usage: usageOf(message.usage),
  }
}

function usageOf(counts: BetaMessage['usage']): Answer['usage'] {
  // Passes that are no message are billed beside the totals.
  const passes = [counts, ...(counts.iterations ?? []).filter((pass) => pass.type !== 'message')]
  const sum = (count: (pass: (typeof passes)[number]) => number | null | undefined) => {
    const all = passes.map(count).filter((value) => typeof value === 'number')
    return all.length === 0 ? undefined : all.reduce((total, value) => total + value, 0)
  }
  const cached = sum((pass) => pass.cache_read_input_tokens)
  const written = sum((pass) => pass.cache_creation_input_tokens)
  return usage({
    inputTokens: (sum((pass) => pass.input_tokens) ?? 0) + (cached ?? 0) + (written ?? 0),
    outputTokens: sum((pass) => pass.output_tokens),
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    reasoningTokens: (counts as { output_tokens_details?: { thinking_tokens?: number } })
      .output_tokens_details?.thinking_tokens,
  })
}
