import type { Entries, EntryKind, LlmRecord, Piece, RecordedRequest } from './entries.ts'

/** A piece of a request in the JSON of its record: how long it is, where its text follows behind. */
type WrittenPiece = number | Exclude<Piece, string>

/**
 * An entry as text: JSON, and behind it the texts of a request as they are. Most of a record is what was said, and
 * that is JSON already: escaping it once more would take longer than all the rest.
 */
export function entryText<Kind extends EntryKind>(kind: Kind, data: Entries[Kind]): string {
  if (kind !== 'llm') return JSON.stringify(data)
  const record = data as LlmRecord
  const texts: string[] = []
  const written = (piece: Piece): WrittenPiece =>
    typeof piece === 'string' ? texts.push(piece) && piece.length : piece
  const request = eachPiece<Piece, WrittenPiece>(record.request, written)
  return `${JSON.stringify({ ...record, request })}\n${texts.join('')}`
}

/** The entry that a text says. */
export function entryOf<Kind extends EntryKind>(kind: Kind, text: string): Entries[Kind] {
  if (kind !== 'llm') return JSON.parse(text) as Entries[Kind]
  let at = text.indexOf('\n') + 1
  const record = JSON.parse(text.slice(0, at)) as LlmRecord
  const read = (piece: WrittenPiece): Piece =>
    typeof piece === 'number' ? text.slice(at, (at += piece)) : piece
  const request = eachPiece<WrittenPiece, Piece>(
    record.request as unknown as RecordedRequest<WrittenPiece>,
    read,
  )
  return { ...record, request } as Entries[Kind]
}

/** The same request with other pieces, made in the order of the first one to the last one. */
function eachPiece<From, To>(
  { head, elements, tail, ...rest }: RecordedRequest<From>,
  change: (piece: From) => To,
): RecordedRequest<To> {
  return {
    ...rest,
    ...(head === undefined ? {} : { head: change(head) }),
    elements: elements.map(change),
    ...(tail === undefined ? {} : { tail: change(tail) }),
  }
}
