import OpenAI from 'openai'
import type { Completion, CompletionUsage } from 'openai/resources/completions'
import { type Answer, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'

const question = { model: 'recorded', prompt: 'Hello' }

/** What OpenAI's SDK makes of an answer of /completions. Mistral's has the text where chat has it. */
export async function completionsAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = new OpenAI({ baseURL: baseUrl, apiKey: 'none', maxRetries: 0, logLevel: 'off' })
  const pieces = streaming
    ? await client.completions.create({ ...question, stream: true })
    : [await client.completions.create({ ...question, stream: false })]
  const choices = new Map<number, { text: string; finish: string | undefined }>()
  let counts: CompletionUsage | undefined
  for await (const piece of pieces) {
    for (const choice of piece.choices as readonly Choice[]) {
      // Some servers leave it out where it is 0.
      const { index = 0 } = choice as { readonly index?: number }
      const known = choices.get(index)
      const text = (known?.text ?? '') + textOf(choice)
      choices.set(index, { text, finish: choice.finish_reason ?? known?.finish })
    }
    counts = piece.usage ?? counts
  }
  const answer: Answer = {
    choices: [...choices.values()].map((choice) => {
      return { ...choice, reasoning: '', refusal: '', toolCalls: [] }
    }),
    usage: counts && usageOf(counts),
  }
  return { answer }
}

type Choice = Completion['choices'][number] & {
  readonly message?: { readonly content?: string }
  readonly delta?: { readonly content?: string }
}

function textOf({ text, message, delta }: Choice): string {
  return text ?? message?.content ?? delta?.content ?? ''
}

function usageOf(counts: CompletionUsage): Answer['usage'] {
  return usage({
    inputTokens: counts.prompt_tokens,
    outputTokens: counts.completion_tokens,
    cachedInputTokens: counts.prompt_tokens_details?.cached_tokens,
    reasoningTokens: counts.completion_tokens_details?.reasoning_tokens,
  })
}
