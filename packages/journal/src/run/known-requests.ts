import { Conversations } from '../request/conversations.ts'
import type { Mask } from '../request/fingerprint.ts'
import { requestBodies } from '../request/recorded-request.ts'
import type { ReadEntry } from '../record/entries.ts'

/** What a recorded request is known again by. */
export interface KnownRequest {
  readonly fingerprint: string
  /** The record of the conversation that it goes on from. */
  readonly base: number | undefined
}

/**
 * What a run's model calls are known again by, under the numbers of their records. It is made as it is needed, of what
 * the requests said: most runs are never gone on with. A record of which a piece is missing has none.
 */
export async function knownRequests(
  entries: readonly ReadEntry[],
  blob: (hash: string) => Promise<string | Uint8Array | undefined>,
  mask?: Mask,
): Promise<ReadonlyMap<number, KnownRequest>> {
  const conversations = new Conversations(mask)
  const known = new Map<number, KnownRequest>()
  for await (const { entry, body } of requestBodies(entries, blob)) {
    if (body === undefined) continue
    const { format, operation, model, streaming } = entry.data
    const asked = conversations.read({ body, format, operation, model, streaming })
    const { fingerprint, base } = asked
    asked.recordedAs(entry.seq)
    known.set(entry.seq, { fingerprint, base: base?.seq })
  }
  return known
}
