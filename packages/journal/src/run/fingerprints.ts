import type { Piece, ReadEntry } from '../record/entries.ts'
import { emptyChain, fingerprintOf, hashAround, longerChain } from '../request/fingerprint.ts'
import type { Chain, Mask } from '../request/fingerprint.ts'

/** What is known of a recorded request, for those that go on from it. */
interface Told {
  readonly head: string
  readonly tail: string
  /** Behind none of its elements, behind the first, … */
  readonly chains: readonly Chain[]
}

/**
 * The fingerprints of a run's model calls, by the numbers of their records. They are made as they are needed, of what
 * the requests said: most runs are never gone on with. A record of which a piece is missing has none.
 */
export async function fingerprintsOf(
  entries: readonly ReadEntry[],
  blob: (hash: string) => Promise<string | Uint8Array | undefined>,
  mask?: Mask,
): Promise<ReadonlyMap<number, string>> {
  const blobs = new Map<string, string | undefined>()
  const contentOf = async (piece: Exclude<Piece, string>): Promise<string | undefined> => {
    if (!blobs.has(piece.blob)) {
      const content = await blob(piece.blob)
      blobs.set(piece.blob, content === undefined ? undefined : String(content))
    }
    return blobs.get(piece.blob)
  }
  // Most are no blobs, and nothing is waited for.
  const textOf = (piece: Piece) => (typeof piece === 'string' ? piece : contentOf(piece))
  const told = new Map<number, Told>()
  const fingerprints = new Map<number, string>()
  for (const entry of entries) {
    if (entry.kind !== 'llm') continue
    const { format, operation, model, streaming, request } = entry.data
    const base = request.base === undefined ? undefined : told.get(request.base)
    const head = request.head === undefined ? base?.head : await textOf(request.head)
    const tail = request.tail === undefined ? base?.tail : await textOf(request.tail)
    if (head === undefined || tail === undefined) continue
    const chains = base?.chains.slice(0, (request.keep ?? 0) + 1) ?? [emptyChain()]
    let last = chains.at(-1)
    for (const element of request.elements) {
      const piece = textOf(element)
      const text = typeof piece === 'object' ? await piece : piece
      last = text === undefined || last === undefined ? undefined : longerChain(last, text, mask)
      if (last === undefined) break
      chains.push(last)
    }
    if (last === undefined) continue
    told.set(entry.seq, { head, tail, chains })
    const around = { format, operation, model, streaming, head, tail }
    fingerprints.set(entry.seq, fingerprintOf(hashAround(around, mask), last))
  }
  return fingerprints
}
