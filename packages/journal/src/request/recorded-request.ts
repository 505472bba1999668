import { findList, nextElement } from '@holdfast/core'
import type { JournalBlob } from '@holdfast/core'
import type { Piece, ReadEntry, RecordedRequest } from '../record/entries.ts'
import type { InCommon } from './earlier-requests.ts'
import { hashOf } from './hash.ts'

/** Longer pieces, such as system prompts and lists of tools, are stored once, however many requests say them. */
const longestInline = 4_096

/**
 * What a request adds to an earlier one of its run, and the blobs for that. `known` says which are in; those that are
 * to be put in are the caller's to add to it, once they are.
 */
export function recordRequest(
  body: string,
  common: InCommon | undefined,
  known: ReadonlySet<string>,
): { readonly request: RecordedRequest; readonly blobs: readonly JournalBlob[] } {
  const { start = 0, end = 0 } = common ?? {}
  const to = body.length - end
  if (to - start <= longestInline) {
    const pieces = start === to ? [] : [body.slice(start, to)]
    return { request: common === undefined ? { pieces } : { ...common, pieces }, blobs: [] }
  }
  const pieces: Piece[] = []
  const blobs: JournalBlob[] = []
  let short = ''
  for (const text of partsOf(body, start, to)) {
    if (text.length <= longestInline) {
      short += text
      continue
    }
    if (short !== '') pieces.push(short)
    short = ''
    const hash = hashOf(text)
    pieces.push({ blob: hash })
    if (!known.has(hash)) blobs.push({ hash, content: text })
  }
  if (short !== '') pieces.push(short)
  return { request: { ...common, pieces }, blobs }
}

/**
 * A body, or what stands there between two places, cut at the elements of its conversation: what other requests say
 * too is a part of its own.
 */
export function partsOf(body: string, from = 0, to: number = body.length): string[] {
  const parts: string[] = []
  let at = from
  const cut = (place: number): void => {
    if (place > at) parts.push(body.slice(at, place))
    at = place
  }
  let place: number | undefined = from === 0 ? findList(body)?.start : from
  while (place !== undefined) {
    const element = nextElement(body, place)
    if (element === undefined || element.end > to) break
    cut(element.start)
    cut(element.end)
    place = element.end
  }
  cut(to)
  return parts
}

/** The bodies of a run's recorded requests, in order; undefined where a piece is missing. */
export async function* requestBodies(
  entries: readonly ReadEntry[],
  blob: (hash: string) => Promise<string | Uint8Array | undefined>,
): AsyncGenerator<{
  readonly entry: ReadEntry & { kind: 'llm' }
  readonly body: string | undefined
}> {
  const lastUses = new Map<number, number>()
  const records = entries.filter((entry) => entry.kind === 'llm')
  for (const { seq, data } of records) {
    const { base } = data.request
    if (base !== undefined) lastUses.set(base, seq)
  }
  const blobs = new Map<string, string | undefined>()
  const bodies = new Map<number, string>()
  for (const entry of records) {
    const { base, start = 0, end = 0, pieces } = entry.data.request
    const from = base === undefined ? '' : bodies.get(base)
    let body = from?.slice(0, start)
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        if (body !== undefined) body += piece
        continue
      }
      if (!blobs.has(piece.blob)) {
        const content = await blob(piece.blob)
        blobs.set(piece.blob, content === undefined ? undefined : String(content))
      }
      const content = blobs.get(piece.blob)
      body = body === undefined || content === undefined ? undefined : body + content
    }
    if (body !== undefined && from !== undefined) body += from.slice(from.length - end)
    if (base !== undefined && lastUses.get(base) === entry.seq) bodies.delete(base)
    if (body !== undefined && lastUses.has(entry.seq)) bodies.set(entry.seq, body)
    yield { entry, body }
  }
}

/** The body of one of them. */
export async function requestBody(
  entries: readonly ReadEntry[],
  seq: number,
  blob: (hash: string) => Promise<string | Uint8Array | undefined>,
): Promise<string | undefined> {
  const needed = new Set<number>()
  const records = new Map(entries.map((entry) => [entry.seq, entry]))
  for (let at: number | undefined = seq; at !== undefined;) {
    needed.add(at)
    const entry = records.get(at)
    at = entry?.kind === 'llm' ? entry.data.request.base : undefined
  }
  const chain = entries.filter((entry) => needed.has(entry.seq))
  for await (const { entry, body } of requestBodies(chain, blob)) if (entry.seq === seq) return body
  return undefined
}
