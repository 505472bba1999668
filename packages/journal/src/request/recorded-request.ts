import type { JournalBlob, JournalStore } from '@holdfast/core'
import type { LlmRecord, Piece, RecordedRequest } from '../record/entries.ts'
import type { AskedRequest } from './conversations.ts'
import { hashOf } from './hash.ts'

/** Longer pieces, such as system prompts and lists of tools, are stored once, however many requests say them. */
const longestInline = 4_096

/**
 * What a request adds to the one that it goes on from, and the blobs for that. `known` says which are in; those that
 * are to be put in are the caller's to add to it, once they are.
 */
export function recordRequest(
  { base, keep, elements, around: { head, tail } }: AskedRequest,
  known: ReadonlySet<string>,
): { readonly request: RecordedRequest; readonly blobs: readonly JournalBlob[] } {
  const blobs: JournalBlob[] = []
  const piece = (text: string): Piece => {
    if (text.length <= longestInline) return text
    const hash = hashOf(text)
    if (!known.has(hash)) blobs.push({ hash, content: text })
    return { blob: hash }
  }
  const request: RecordedRequest = {
    base: base?.seq,
    keep: base === undefined ? undefined : keep,
    elements: elements.map(piece),
    head: base?.around.head === head ? undefined : piece(head),
    tail: base?.around.tail === tail ? undefined : piece(tail),
  }
  return { request, blobs }
}

/** The body of a recorded request, as it was. Undefined where a piece of it is missing. */
export async function requestBody(
  record: LlmRecord,
  recordAt: (seq: number) => LlmRecord | undefined,
  blob: (hash: string) => ReturnType<JournalStore['blob']>,
): Promise<string | undefined> {
  let head: Piece | undefined
  let tail: Piece | undefined
  let elements: Piece[] = []
  let keep = Infinity
  for (let at: LlmRecord | undefined = record; ;) {
    const { request }: LlmRecord = at
    const inherited: number = Math.min(keep, request.keep ?? 0)
    elements = [...request.elements.slice(0, keep - inherited), ...elements]
    keep = inherited
    head ??= request.head
    tail ??= request.tail
    if (request.base === undefined) break
    at = recordAt(request.base)
    if (at === undefined) return undefined
  }
  const texts: string[] = []
  for (const piece of [head ?? '', ...elements, tail ?? '']) {
    const content = typeof piece === 'string' ? piece : await blob(piece.blob)
    if (content === undefined) return undefined
    texts.push(String(content))
  }
  const [first = '', ...rest] = texts
  const last = rest.pop() ?? ''
  return `${first}${rest.join(',')}${last}`
}
