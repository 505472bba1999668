import type { LlmRequest, Message, Part } from '@holdfast/core'
import type { KnownTurn } from './known-turns.ts'

/** What goes into a request, by the place of the message that it goes to. */
export type Additions = ReadonlyMap<number, KnownTurn>

/** The request with memories behind what the user said, and with the turns before it that were brought back. */
export function withMemories(request: LlmRequest, additions: Additions): LlmRequest {
  const messages = request.messages.flatMap((message, index) => {
    const added = additions.get(index)
    if (added === undefined) return [message]
    const { note, before } = added
    return [...before, note.text === '' ? message : withText(message, note.text)]
  })
  return { ...request, messages }
}

/** A message that is one plain text stays one: not every server takes more. */
function withText(message: Message, text: string): Message {
  const { parts } = message
  const [first] = parts
  const isPlain = parts.length === 1 && first?.type === 'text' && first.extra === undefined
  const more: readonly Part[] = isPlain
    ? [{ type: 'text', text: `${first.text}\n\n${text}` }]
    : [...parts, { type: 'text', text }]
  return { ...message, parts: more }
}
