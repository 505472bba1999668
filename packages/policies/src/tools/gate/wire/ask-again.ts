import type { LlmCall, LlmRequest, Message, Part, ReplyEvent } from '@holdfast/core'
import type { Outcome } from './vetting.ts'
import type { Proposal } from './proposals.ts'

/** A call, and what became of it. */
export interface Answered {
  readonly proposal: Proposal
  readonly outcome: Extract<Outcome, { as: 'said' }>
}

/** The same call with the model's answer and what became of its tool calls; undefined where it cannot be asked again. */
export function callToAskAgain(
  call: LlmCall,
  events: readonly ReplyEvent[],
  answered: readonly Answered[],
): LlmCall | undefined {
  const { request, format } = call
  const { extra } = request
  if (extra['background'] === true || (extra['conversation'] ?? null) !== null) return undefined
  const isNamed = format.name === 'gemini' || answered.every(({ proposal }) => proposal.id !== '')
  if (!isNamed || answered.some(({ proposal }) => proposal.choice !== 0)) return undefined
  const said: Message = { role: 'assistant', parts: partsOf(events, format.name) }
  const results: Message = {
    role: 'tool',
    parts: answered.map((one) => resultOf(one, format.name === 'gemini')),
  }
  const messages = [...request.messages, said, results]
  return call.with({ request: { ...request, messages, ...freeChoice(request) } })
}

/** Who was told to call this tool would do it again. */
function freeChoice({ toolChoice }: LlmRequest): Pick<LlmRequest, 'toolChoice'> {
  return toolChoice === undefined || (typeof toolChoice === 'string' && toolChoice !== 'required')
    ? {}
    : { toolChoice: 'auto' }
}

/** Google knows results by their name, the others by their id alone. */
function resultOf({ proposal, outcome }: Answered, named: boolean): Part {
  const { id, name } = proposal
  const { text, isError } = outcome
  return {
    type: 'tool-result',
    id,
    ...(named ? { name } : {}),
    parts: [{ type: 'text', text }],
    ...(isError ? { isError } : {}),
  }
}

/** What the model said, as a part of the conversation. */
function partsOf(events: readonly ReplyEvent[], format: string): readonly Part[] {
  const parts: Part[] = []
  const places = new Map<number, number>()
  for (const event of events) {
    const last = parts.at(-1)
    if (event.type === 'text-delta') {
      if (last?.type === 'text') parts[parts.length - 1] = { ...last, text: last.text + event.text }
      else parts.push({ type: 'text', text: event.text })
    } else if (event.type === 'tool-call-start') {
      const { id, name } = event
      places.set(event.index, parts.length)
      parts.push({ type: 'tool-call', id, name, arguments: '' })
    } else if (event.type === 'tool-call-delta') {
      const at = places.get(event.index) ?? -1
      const call = parts[at]
      if (call?.type !== 'tool-call') continue
      parts[at] = { ...call, arguments: call.arguments + event.arguments }
    } else if (event.type === 'reasoning-delta') addReasoning(parts, event, format)
  }
  return parts.map((part) => (part.type === 'tool-call' ? readable(part) : part))
}

/** Reasoning as its provider wants it back: OpenAI's by id, which is not known here; Google's signature on the call. */
function addReasoning(
  parts: Part[],
  { text, signature, encrypted }: Extract<ReplyEvent, { type: 'reasoning-delta' }>,
  format: string,
): void {
  if (format === 'openai-responses') return
  const last = parts.at(-1)
  if (format === 'gemini') {
    if (signature !== undefined && text === '' && last?.type === 'tool-call') {
      parts[parts.length - 1] = { ...last, extra: { ...last.extra, thoughtSignature: signature } }
    }
    return
  }
  const more = {
    ...(signature === undefined ? {} : { signature }),
    ...(encrypted === undefined ? {} : { encrypted }),
  }
  if (last?.type === 'reasoning' && last.signature === undefined && encrypted === undefined) {
    parts[parts.length - 1] = { ...last, text: last.text + text, ...more }
  } else parts.push({ type: 'reasoning', text, ...more })
}

/** Arguments that are no JSON cannot be said in every format. */
function readable(call: Extract<Part, { type: 'tool-call' }>): Part {
  try {
    JSON.parse(call.arguments)
    return call
  } catch {
    return { ...call, arguments: '{}' }
  }
}
