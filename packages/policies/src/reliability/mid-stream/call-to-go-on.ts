import type { LlmCall, Message, ReplyEvent } from '@holdfast/core'

/** What a model is told that cannot go on from the beginning of its own answer. */
const instruction =
  'Your answer was cut off there. Go on exactly where it stopped, beginning with the very next character, a space or line break where one belongs. Repeat nothing, and do not speak of the interruption.'

/** The same call for the rest of an answer: what was said so far stands in it, by the means of its format and model. */
export function callToGoOn(call: LlmCall, said: string): LlmCall {
  const { request } = call
  const before = request.messages.at(-1)
  const prefilled = before?.role === 'assistant' ? before : undefined
  const others = prefilled === undefined ? request.messages : request.messages.slice(0, -1)
  const takesPrefill = isPrefillable(call)
  const text = takesPrefill ? said.trimEnd() : said
  const answer: Message = {
    role: 'assistant',
    parts: [...(prefilled?.parts ?? []), { type: 'text', text }],
  }
  const goOn: Message = { role: 'user', parts: [{ type: 'text', text: instruction }] }
  const messages = [...others, answer, ...(takesPrefill ? [] : [goOn])]
  return call.with({ request: { ...request, messages } })
}

/** True where the rest of an answer to this call can be asked for without changing what it means. */
export function mayBeContinued({ request }: LlmCall): boolean {
  const { output, extra } = request
  if (output !== undefined && output.type !== 'text') return false
  return extra['background'] !== true && (extra['conversation'] ?? null) === null
}

/** The text of a stream so far, where it is an answer in plain text that has begun and not ended; undefined otherwise. */
export function plainTextOf(events: Iterable<ReplyEvent>): string | undefined {
  let text = ''
  for (const event of events) {
    switch (event.type) {
      case 'text-delta':
        if (event.choice !== 0) return undefined
        text += event.text
        break
      case 'message-start':
      case 'reasoning-delta':
      case 'usage':
      case 'keep-alive':
        break
      default:
        return undefined
    }
  }
  return text.trim() === '' ? undefined : text
}

/**
 * Claude goes on from the beginning of an answer up to its generation 4.5, unless it thinks first; later ones refuse it.
 * https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6 (2026-11-21)
 */
function isPrefillable({ format, model, request }: LlmCall): boolean {
  if (format.name !== 'anthropic-messages' || request.reasoning !== undefined) return false
  return prefillable.test(model)
}

const prefillable = /claude-(?:[123]\b|instant|(?:opus|sonnet|haiku)-4-(?:[015]\b|\d{8}))/
