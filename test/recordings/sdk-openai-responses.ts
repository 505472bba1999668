import OpenAI from 'openai'
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { type Answer, type AnswerToolCall, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'

const question = { model: 'recorded', input: 'Hello' }

/** What OpenAI's SDK makes of an answer of the Responses API. */
export async function responsesAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = new OpenAI({ baseURL: baseUrl, apiKey: 'none', maxRetries: 0, logLevel: 'off' })
  if (!streaming) return { answer: ofResponse(await client.responses.create(question)) }
  const events: ResponseStreamEvent[] = []
  const stream = await client.responses.create({ ...question, stream: true })
  for await (const event of stream) events.push(event)
  const joined = ofEvents(events)
  try {
    return { answer: ofResponse(await client.responses.stream(question).finalResponse()), joined }
  } catch (error) {
    return { failed: error as Error, joined }
  }
}

type Item = Response['output'][number]

/** The finished items of the stream, as the SDK hands them over, in their places. */
function ofEvents(events: readonly ResponseStreamEvent[]): Answer {
  const items: Item[] = []
  let last: Response | undefined
  for (const event of events) {
    if (event.type === 'response.output_item.done') items[event.output_index] = event.item
    if ('response' in event) last = event.response
  }
  if (last === undefined) throw new Error('the stream has no response')
  return ofResponse({ ...last, output: items.filter(Boolean) })
}

function ofResponse(response: Response): Answer {
  let text = ''
  let refusal = ''
  let reasoning = ''
  const toolCalls: AnswerToolCall[] = []
  for (const item of response.output) {
    if (item.type === 'message') {
      for (const part of item.content) {
        if (part.type === 'output_text') text += part.text
        else if (part.type === 'refusal') refusal += part.refusal
      }
    } else if (item.type === 'reasoning') {
      for (const part of [...(item.summary ?? []), ...(item.content ?? [])]) reasoning += part.text
    } else {
      const call = callOf(item)
      if (call !== undefined) toolCalls.push(call)
    }
  }
  const { status, incomplete_details } = response
  const finish = status === 'incomplete' ? incomplete_details?.reason : status
  return {
    choices: [{ text, refusal, reasoning, toolCalls, finish: finish ?? 'completed' }],
    usage: usageOf(response.usage),
  }
}

function callOf(item: Item): AnswerToolCall | undefined {
  switch (item.type) {
    case 'function_call':
      return { id: item.call_id, name: item.name, arguments: item.arguments }
    case 'custom_tool_call':
      return { id: item.call_id, name: item.name, arguments: item.input }
    case 'local_shell_call':
      return { id: item.call_id, name: 'local_shell', arguments: { ...item.action } }
    case 'shell_call':
      return { id: item.call_id, name: 'shell', arguments: { ...item.action } }
    case 'apply_patch_call':
      return { id: item.call_id, name: 'apply_patch', arguments: { ...item.operation } }
    default:
      return undefined
  }
}

function usageOf(counts: Response['usage'] | null): Answer['usage'] {
  if (!counts) return undefined
  return usage({
    inputTokens: counts.input_tokens,
    outputTokens: counts.output_tokens,
    cachedInputTokens: counts.input_tokens_details?.cached_tokens,
    cacheWriteTokens: counts.input_tokens_details?.cache_write_tokens,
    reasoningTokens: counts.output_tokens_details?.reasoning_tokens,
  })
}
