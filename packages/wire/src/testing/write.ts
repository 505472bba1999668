import type { ReplyEvent, WireFormat, WriterFacts } from '@holdfast/core'

/** What a format writes for events: a piece for each, the end with the last; or the one body. */
export function write(
  format: WireFormat,
  events: readonly ReplyEvent[],
  facts: WriterFacts,
): Uint8Array[] {
  const writer = format.replyWriter?.(facts)
  if (writer === undefined) throw new Error(`${format.name} is only read`)
  const pieces = events.map((event) => writer.write(event))
  const end = writer.end()
  if (!facts.streaming) return [end]
  return [...pieces.slice(0, -1), Buffer.concat([...pieces.slice(-1), end])]
}
