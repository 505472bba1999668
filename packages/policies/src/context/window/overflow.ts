import type { Failure } from '@holdfast/core'
import { classify } from '../../reliability/faults/classify.ts'

/** What a provider says when a request is too long for its model. */
export interface Overflow {
  readonly windowTokens?: number
  readonly inputTokens?: number
}

/** The numbers of a refusal for length; undefined for every other failure. */
export function overflowOf(failure: Failure | undefined): Overflow | undefined {
  if (failure === undefined) return undefined
  const outcome = { failure, insideReply: false }
  const fault = classify(outcome, {
    phase: 'body',
    aborted: false,
    longestWaitMs: 0,
    staleBefore: false,
  })
  if (fault.name !== 'context-too-long') return undefined
  const { message } = failure
  for (const pattern of patterns) {
    const { window, input } = pattern.exec(message)?.groups ?? {}
    if (window === undefined) continue
    return {
      windowTokens: numberOf(window),
      ...(input === undefined ? {} : { inputTokens: numberOf(input) }),
    }
  }
  return {}
}

// As OpenAI, Anthropic, Google and vLLM say it (2026-11-21).
const patterns = [
  /maximum context length is (?<window>\d+) tokens.*?(?:resulted in|requested(?: about)?) (?<input>\d+) tokens/is,
  /maximum context length is (?<window>\d+) tokens/i,
  /prompt is too long: (?<input>\d+) tokens > (?<window>\d+) maximum/i,
  /input token count \(?(?<input>\d+)\)? exceeds the maximum number of tokens allowed \(?(?<window>\d+)/i,
]

function numberOf(text: string): number {
  return Number(text)
}
