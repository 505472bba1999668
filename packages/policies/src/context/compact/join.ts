import type { Message, Part } from '@holdfast/core'

/** Wires whose messages have to be a user's and the model's in turn. */
const alternating = new Set([
  'anthropic-messages',
  'anthropic-vertex',
  'bedrock-anthropic',
  'bedrock-converse',
  'gemini',
])

export function alternates(format: string): boolean {
  return alternating.has(format)
}

/** Messages with gaps between them, put together so that the wire takes them. */
export function join(pieces: readonly (readonly Message[])[], format: string): Message[] {
  const joined: Message[] = []
  for (const piece of pieces) {
    const [first] = piece
    const last = joined.at(-1)
    if (first === undefined) continue
    const sameSide = last && (last.role === 'assistant') === (first.role === 'assistant')
    if (last === undefined || sameSide !== true || !alternates(format)) joined.push(...piece)
    else if (first.role === 'assistant') joined.push(gap, ...piece)
    else joined.splice(-1, 1, merge(last, first), ...piece.slice(1))
  }
  return joined
}

const gap: Message = { role: 'user', parts: [{ type: 'text', text: '[…]' }] }

/** Results come first: that is where the wire looks for them. */
function merge(one: Message, other: Message): Message {
  const parts = [...one.parts, ...other.parts]
  const isResult = (part: Part): boolean => part.type === 'tool-result'
  const results = parts.filter(isResult)
  return {
    role: results.length === parts.length ? 'tool' : 'user',
    parts: [...results, ...parts.filter((part) => !isResult(part))],
    ...(one.extra === undefined && other.extra === undefined
      ? {}
      : { extra: { ...one.extra, ...other.extra } }),
  }
}
