import OpenAI from 'openai'
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'
import { type Answer, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'

const question = { model: 'recorded', messages: [{ role: 'user' as const, content: 'Hello' }] }

/** What OpenAI's SDK makes of a chat answer: its own accumulator when streamed, the plain result else. */
export async function chatAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = new OpenAI({ baseURL: baseUrl, apiKey: 'none', maxRetries: 0, logLevel: 'off' })
  if (!streaming) {
    return { answer: ofCompletion(await client.chat.completions.create(question)) }
  }
  const chunks: ChatCompletionChunk[] = []
  const runner = client.chat.completions.stream(question)
  runner.on('chunk', (chunk) => chunks.push(structuredClone(chunk)))
  try {
    const completion = ofCompletion(await runner.finalChatCompletion())
    // The accumulator keeps the last piece only of members that OpenAI has not: reasoning, Groq's counts.
    const joined = ofChunks(chunks)
    return {
      answer: {
        choices: completion.choices.map((choice, index) => ({
          ...choice,
          reasoning: joined.choices[index]?.reasoning ?? '',
        })),
        usage: completion.usage ?? joined.usage,
      },
      joined,
    }
  } catch (error) {
    return { failed: error as Error, joined: ofChunks(await chunksOf(client)) }
  }
}

/** The chunks as the SDK parses them, up to its end or its failure, without its accumulator. */
async function chunksOf(client: OpenAI): Promise<ChatCompletionChunk[]> {
  const chunks: ChatCompletionChunk[] = []
  try {
    const stream = await client.chat.completions.create({ ...question, stream: true })
    for await (const chunk of stream) chunks.push(chunk)
  } catch {
    // Why is known already: the accumulator gave up for the same reason, or for one of its own.
  }
  return chunks
}

/** Members of servers that are not OpenAI. */
interface Extended {
  readonly reasoning_content?: string | null
  readonly reasoning?: string | null
  readonly reasoning_text?: string | null
  readonly reasoning_details?: readonly { readonly text?: string; readonly summary?: string }[]
}

interface Part {
  readonly type: string
  readonly text?: string
  readonly thinking?: readonly { readonly text?: string }[]
}

function ofCompletion(completion: ChatCompletion): Answer {
  return {
    choices: completion.choices.map(({ message: said, finish_reason }) => {
      // Azure leaves out the message that its filter held back.
      const message: Partial<typeof said> = said ?? {}
      const calls = (message.tool_calls ?? []).map((call) => ({
        id: call.id,
        name: call.type === 'custom' ? call.custom.name : call.function.name,
        arguments: call.type === 'custom' ? call.custom.input : call.function.arguments,
      }))
      const legacy = message.function_call
      return {
        text: textOf(message.content),
        reasoning: reasoningOf(message as Extended) || thinkingOf(message.content),
        refusal: message.refusal ?? '',
        // Snowflake fills the member of old with nothing.
        toolCalls: legacy?.name ? [{ id: '', ...legacy }] : calls,
        finish: finish_reason || undefined,
      }
    }),
    usage: usageOf(completion.usage),
  }
}

/** The chunks as the SDK hands them over, joined by position. */
function ofChunks(chunks: readonly ChatCompletionChunk[]): Answer {
  const open: {
    text: string
    reasoning: string
    refusal: string
    finish: string | undefined
    toolCalls: { id: string; name: string; arguments: string; index: number | undefined }[]
  }[] = []
  let counts: Answer['usage']
  for (const chunk of chunks) {
    const groq = (chunk as { x_groq?: { usage?: ChatCompletion['usage'] } }).x_groq?.usage
    counts = usageOf(chunk.usage ?? groq) ?? counts
    for (const { index, delta, finish_reason } of chunk.choices ?? []) {
      const choice = (open[index] ??= {
        text: '',
        reasoning: '',
        refusal: '',
        finish: undefined,
        toolCalls: [],
      })
      choice.text += textOf(delta?.content)
      choice.reasoning += reasoningOf((delta ?? {}) as Extended) || thinkingOf(delta?.content)
      choice.refusal += delta?.refusal ?? ''
      choice.finish = finish_reason || choice.finish
      for (const piece of delta?.tool_calls ?? []) {
        const at = piece.index as number | undefined
        let call = choice.toolCalls.find((call) =>
          at === undefined ? call.id === piece.id : call.index === at,
        )
        if (call === undefined) {
          call = { id: piece.id ?? '', name: '', arguments: '', index: at }
          choice.toolCalls.push(call)
        }
        call.name = piece.function?.name || call.name
        call.arguments += piece.function?.arguments ?? ''
      }
    }
  }
  return {
    choices: open.map(({ toolCalls, ...choice }) => ({
      ...choice,
      toolCalls: toolCalls.map(({ id, name, arguments: text }) => ({ id, name, arguments: text })),
    })),
    usage: counts,
  }
}

function partsOf(content: unknown): readonly Part[] {
  return Array.isArray(content) ? (content as Part[]) : []
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return partsOf(content)
    .map((part) => (part.type === 'text' ? (part.text ?? '') : ''))
    .join('')
}

function thinkingOf(content: unknown): string {
  return partsOf(content)
    .flatMap((part) => part.thinking ?? [])
    .map((piece) => piece.text ?? '')
    .join('')
}

function reasoningOf(said: Extended): string {
  const plain = said.reasoning_content || said.reasoning || said.reasoning_text
  if (plain) return plain
  return (said.reasoning_details ?? []).map((part) => part.text ?? part.summary ?? '').join('')
}

function usageOf(counts: ChatCompletion['usage'] | null): Answer['usage'] {
  if (!counts) return undefined
  const { prompt_tokens, completion_tokens, total_tokens } = counts
  const reasoning =
    counts.completion_tokens_details?.reasoning_tokens ??
    (counts as { reasoning_tokens?: number }).reasoning_tokens
  const details = counts.prompt_tokens_details as Record<string, number | undefined> | undefined
  const missing = reasoning && prompt_tokens + completion_tokens + reasoning === total_tokens
  return usage({
    inputTokens: prompt_tokens,
    outputTokens: missing ? completion_tokens + reasoning : completion_tokens,
    cachedInputTokens:
      details?.['cached_tokens'] ??
      (counts as { prompt_cache_hit_tokens?: number }).prompt_cache_hit_tokens,
    cacheWriteTokens: details?.['cache_write_tokens'] ?? details?.['cache_creation_tokens'],
    reasoningTokens: reasoning,
  })
}
