import type { LlmRequest, Message, TextPart } from '@holdfast/core'

/**
 * The request with a word to the model at its very end: after the cached prefix, and never between a tool call and its
 * result. Undefined where the model is to go on with a text of its own, which nothing may follow.
 */
export function withLateNote(request: LlmRequest, note: string): LlmRequest | undefined {
  const last = request.messages.at(-1)
  if (last?.role === 'assistant') return undefined
  const part: TextPart = { type: 'text', text: `<system-notice>${note}</system-notice>` }
  // In the same message, for some providers refuse two of one role in a row. A role of its own is not the user's.
  const joins = last !== undefined && last.extra?.['role'] === undefined
  const message: Message = joins
    ? { ...last, parts: [...last.parts, part] }
    : { role: 'user', parts: [part] }
  const before = joins ? request.messages.slice(0, -1) : request.messages
  return { ...request, messages: [...before, message] }
}
