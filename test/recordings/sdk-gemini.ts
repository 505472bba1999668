import { type GenerateContentResponse, GoogleGenAI } from '@google/genai'
import { type Answer, type AnswerToolCall, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'

const question = { model: 'recorded', contents: 'Hello' }

/** What Google's SDK makes of an answer of Gemini; it leaves the joining of a stream to its users. */
export async function geminiAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = new GoogleGenAI({ apiKey: 'none', vertexai: false, httpOptions: { baseUrl } })
  if (!streaming) return { answer: ofResponses([await client.models.generateContent(question)]) }
  const stream = await client.models.generateContentStream(question)
  const responses: GenerateContentResponse[] = []
  try {
    for await (const response of stream) responses.push(response)
  } catch (error) {
    return { failed: error as Error, joined: ofResponses(responses) }
  }
  return { answer: ofResponses(responses) }
}

/** The SDK's responses, one after the other. */
export function ofResponses(responses: readonly GenerateContentResponse[]): Answer {
  const open: {
    text: string
    reasoning: string
    refusal: string
    finish: string | undefined
    toolCalls: AnswerToolCall[]
  }[] = []
  let counts: Answer['usage']
  const at = (index: number) =>
    (open[index] ??= { text: '', reasoning: '', refusal: '', finish: undefined, toolCalls: [] })
  for (const response of responses) {
    counts = usageOf(response.usageMetadata) ?? counts
    for (const candidate of response.candidates ?? []) {
      const choice = at(candidate.index ?? 0)
      for (const part of candidate.content?.parts ?? []) {
        if (part.text !== undefined) choice[part.thought ? 'reasoning' : 'text'] += part.text
        const call = part.functionCall
        if (call?.name) {
          choice.toolCalls.push({ id: call.id ?? '', name: call.name, arguments: call.args ?? {} })
        }
      }
      choice.finish = nameOf(candidate.finishReason) ?? choice.finish
    }
    const blocked = response.promptFeedback?.blockReason
    if (blocked !== undefined) at(0).finish = blocked
  }
  return { choices: open, usage: counts }
}

/** Vertex AI answers with numbers when it is asked for `enum-encoding=int`; the SDK hands them on. */
function nameOf(reason: string | number | undefined): string | undefined {
  return typeof reason === 'number' ? ['UNSPECIFIED', 'STOP', 'MAX_TOKENS'][reason] : reason
}

function usageOf(counts: GenerateContentResponse['usageMetadata']): Answer['usage'] {
  if (!counts) return undefined
  const { promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount } =
    counts
  const found = usage({
    inputTokens: sum(promptTokenCount, toolUsePromptTokenCount),
    outputTokens: sum(candidatesTokenCount, thoughtsTokenCount),
    cachedInputTokens: counts.cachedContentTokenCount,
    reasoningTokens: thoughtsTokenCount,
  })
  return Object.keys(found).length === 0 ? undefined : found
}

function sum(...counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined)
  return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0)
}
