import type { Entries, EntryKind, LlmRecord, Piece, RecordedRequest } from './entries.ts'

/** A piece of a request in the JSON of its record: how long it is, where its text follows behind. */
type WrittenPiece = number | Exclude<Piece, string>

/**
 * An entry as text: JSON, and behind it the texts of a request as they are. Most of a record is what was said, and
 * that is JSON already: escaping it once more would take longer than all the rest.
 */
export function entryText<Kind extends EntryKind>(kind: Kind, data: Entries[Kind]): string {
  if (kind !== 'llm') return JSON.stringify(data)
  const { request, ...record } = data as LlmRecord
  const { json, texts } = requestText(request)
  return `${JSON.stringify(record).slice(0, -1)},"request":${json}}\n${texts}`
}

/** A request as text: JSON, and the texts that follow behind the record's. */
export interface RequestText {
  readonly json: string
  readonly texts: string
}

export function requestText({ base, start, end, pieces }: RecordedRequest): RequestText {
  const [only] = pieces
  // Most requests.
  if (base === undefined && pieces.length === 1 && typeof only === 'string') {
    return { json: `{"pieces":[${only.length}]}`, texts: only }
  }
  let texts = ''
  let json = base === undefined ? '{' : `{"base":${base},"start":${start},"end":${end},`
  json += '"pieces":['
  for (let index = 0; index < pieces.length; index++) {
    if (index > 0) json += ','
    const piece = pieces[index] ?? ''
    if (typeof piece === 'string') {
      json += `${piece.length satisfies WrittenPiece}`
      texts += piece
    } else json += JSON.stringify(piece satisfies WrittenPiece)
  }
  return { json: `${json}]}`, texts }
}

/** The entry that a text says. */
export function entryOf<Kind extends EntryKind>(kind: Kind, text: string): Entries[Kind] {
  if (kind !== 'llm') return JSON.parse(text) as Entries[Kind]
  let at = text.indexOf('\n') + 1
  const record = JSON.parse(text.slice(0, at)) as LlmRecord
  const read = (piece: WrittenPiece): Piece =>
    typeof piece === 'number' ? text.slice(at, (at += piece)) : piece
  const written = record.request as unknown as RecordedRequest<WrittenPiece>
  const request: RecordedRequest = { ...written, pieces: written.pieces.map(read) }
  return { ...record, request } as Entries[Kind]
}
