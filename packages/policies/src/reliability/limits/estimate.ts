import type { LlmCall, LlmRequest, Part } from '@holdfast/core'

/** About how many tokens a request will take, from its bytes alone: parsing it would cost more than the answer is worth. */
export function estimateTokens(call: LlmCall): number {
  const { body } = call.http
  if (body === undefined) return 1
  // Attachments make bodies long and say little about tokens.
  if (body.length > longBodyBytes) return estimateParsed(call.request)
  const text =
    typeof body === 'string'
      ? body
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
  return Math.ceil(text.length / charactersPerToken) + outputTokensOf(text)
}

/** The most that a request can take: no tokeniser makes more tokens than there are bytes. */
export function mostTokens(
  call: LlmCall,
  assumedOutputTokens: number,
): { readonly input: number; readonly output: number } {
  const { body } = call.http
  const input = body === undefined ? 0 : Buffer.byteLength(body)
  if (call.operation !== 'chat') return { input, output: 0 }
  const { maxOutputTokens = assumedOutputTokens, extra } = call.request
  return { input, output: maxOutputTokens * choicesOf(extra) }
}

/** Of how many answers each may have the maximum: chat's n, Gemini's candidates. */
function choicesOf(extra: LlmRequest['extra']): number {
  const config = extra['generationConfig'] as { candidateCount?: unknown } | undefined
  const choices = extra['n'] ?? config?.candidateCount
  return typeof choices === 'number' && choices > 1 ? Math.ceil(choices) : 1
}

const charactersPerToken = 4
const longBodyBytes = 65_536
/** Where a request names no maximum, most answers are shorter than this. */
const usualOutputTokens = 1_000
/** About what providers count for an image of usual size. */
const mediaTokens = 1_500

// A quote inside of a JSON string is escaped, so this is found in no prompt.
const outputMaximum =
  /"(?:max_tokens|max_completion_tokens|max_output_tokens|maxOutputTokens|maxTokens|num_predict)"\s*:\s*(\d{1,9})/

function outputTokensOf(text: string): number {
  // Looking for its beginning first is ten times as fast as the pattern alone.
  const at = text.indexOf('"max')
  const from = at < 0 ? text.indexOf('"num_predict"') : at
  const maximum = from < 0 ? undefined : outputMaximum.exec(text.slice(from))?.[1]
  return maximum === undefined ? usualOutputTokens : Number(maximum)
}

function estimateParsed(request: LlmRequest): number {
  const parts = [...request.system, ...request.messages.flatMap((message) => message.parts)]
  const tools = request.tools.length === 0 ? 0 : JSON.stringify(request.tools).length
  const characters = parts.reduce((sum, part) => sum + charactersOf(part), tools)
  return Math.ceil(characters / charactersPerToken) + (request.maxOutputTokens ?? usualOutputTokens)
}

function charactersOf(part: Part): number {
  switch (part.type) {
    case 'media':
      return mediaTokens * charactersPerToken
    case 'tool-call':
      return part.arguments.length
    case 'tool-result':
      return part.parts.reduce((sum, inner) => sum + charactersOf(inner), 0)
    case 'other':
      return JSON.stringify(part.value)?.length ?? 0
    default:
      return part.text.length
  }
}
