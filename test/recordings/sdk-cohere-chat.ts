import { type Cohere, CohereClientV2 } from 'cohere-ai'
import { type Answer, type AnswerToolCall, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'

const question = {
  model: 'recorded',
  messages: [{ role: 'user' as const, content: 'Hello' }],
}

/** What Cohere's SDK makes of an answer of its v2 chat. */
export async function cohereAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = new CohereClientV2({ token: 'none', baseUrl, maxRetries: 0 })
  if (streaming) return { answer: await streamed(client) }
  const { message, finishReason, usage } = await client.chat(question)
  let text = ''
  let reasoning = message.toolPlan ?? ''
  for (const part of message.content ?? []) {
    if (part.type === 'text') text += part.text
    else reasoning += part.thinking
  }
  const toolCalls = (message.toolCalls ?? []).map((call): AnswerToolCall => {
    return {
      id: call.id,
      name: call.function?.name ?? '',
      arguments: call.function?.arguments ?? '',
    }
  })
  return {
    answer: {
      choices: [{ text, reasoning, refusal: '', toolCalls, finish: finishReason }],
      usage: usage && usageOf(usage),
    },
  }
}

async function streamed(client: CohereClientV2): Promise<Answer> {
  let text = ''
  let reasoning = ''
  let finish: string | undefined
  let counts: Cohere.Usage | undefined
  const calls = new Map<number | undefined, { id: string; name: string; arguments: string }>()
  for await (const event of await client.chatStream(question)) {
    switch (event.type) {
      case 'content-start':
      case 'content-delta':
        text += event.delta?.message?.content?.text ?? ''
        reasoning += event.delta?.message?.content?.thinking ?? ''
        break
      case 'tool-plan-delta':
        reasoning += event.delta?.message?.toolPlan ?? ''
        break
      case 'tool-call-start': {
        const call = event.delta?.message?.toolCalls
        const { name = '', arguments: json = '' } = call?.function ?? {}
        calls.set(event.index, { id: call?.id ?? '', name, arguments: json })
        break
      }
      case 'tool-call-delta': {
        const call = calls.get(event.index)
        if (call) call.arguments += event.delta?.message?.toolCalls?.function?.arguments ?? ''
        break
      }
      case 'message-end':
        finish = event.delta?.finishReason
        counts = event.delta?.usage
        if (finish === 'ERROR') throw new Error(event.delta?.error)
        break
      default:
    }
  }
  const toolCalls = [...calls.values()].map((call) => {
    return { ...call, arguments: call.arguments || '{}' }
  })
  return {
    choices: [{ text, reasoning, refusal: '', toolCalls, finish }],
    usage: counts && usageOf(counts),
  }
}

/** What is billed, where Cohere says it. */
function usageOf({ billedUnits, tokens, cachedTokens }: Cohere.Usage): Answer['usage'] {
  const billed = billedUnits?.inputTokens !== undefined
  const counts = billed ? billedUnits : tokens
  return usage({
    inputTokens: counts?.inputTokens,
    outputTokens: counts?.outputTokens,
    cachedInputTokens: billed ? undefined : cachedTokens,
  })
}
