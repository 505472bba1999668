import type { LlmCall } from '@holdfast/core'
import { depthAt, jsonText } from '../json-text.ts'

/** What a request can take at most. */
export interface MostTokens {
  readonly input: number
  readonly output: number
}

/**
 * How long an answer may be, and how many there may be. A quote inside of a JSON string is escaped, so these are found
 * in no prompt.
 */
const numbers =
  /"(?:(max_tokens|max_completion_tokens|max_output_tokens|maxOutputTokens|maxTokens|num_predict)|n|num_generations|candidateCount|candidate_count)"\s*:\s*(\d{1,9})/g

/** What the names of all of them begin with, for a look that costs next to nothing. */
const mayHaveNumbers = /"(?:max|n"|num_|candidate)/

/** The same as the limits' own, from the bytes alone: no tokeniser makes more tokens than there are bytes. */
export function mostTokens(call: LlmCall, assumedOutputTokens: number): MostTokens {
  const { body } = call.http
  if (body === undefined) return { input: 0, output: assumedOutputTokens }
  const input = Buffer.byteLength(body)
  if (call.operation !== 'chat') return { input, output: 0 }
  if (call.answerLimits !== undefined) {
    const { maxTokens = assumedOutputTokens, choiceCount } = call.answerLimits
    return { input, output: maxTokens * choiceCount }
  }
  const text = jsonText(body)
  if (!mayHaveNumbers.test(text)) return { input, output: assumedOutputTokens }
  let tokens: number | undefined
  let choices = 1
  for (const { 1: maximum, 2: digits, index } of text.matchAll(numbers)) {
    const number = Number(digits)
    if (number <= (maximum === undefined ? choices : (tokens ?? 0))) continue
    // Of the request itself or its configuration, not of a message or a tool.
    if (depthAt(text, index) > 2) continue
    if (maximum === undefined) choices = number
    else tokens = number
  }
  return { input, output: (tokens ?? assumedOutputTokens) * choices }
}
