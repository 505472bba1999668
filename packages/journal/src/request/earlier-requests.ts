import { commonEnd, commonStart } from '@holdfast/core'

/** What a body has in common with that of an earlier request. */
export interface InCommon {
  /** The `seq` of its record. */
  readonly base: number
  /** How many characters at the beginning are the same. */
  readonly start: number
  /** And how many at the end, behind those. */
  readonly end: number
}

interface Earlier {
  readonly seq: number
  readonly body: string
}

/** So many conversations of a run are known at once: more than run side by side in most. */
const mostKnown = 8
/** What is worth looking for another one that says more of it. */
const little = 256

/** The newest requests of a run, each the latest of its conversation: the next one adds little to one of them. */
export class EarlierRequests {
  /** The newest first. */
  #known: Earlier[] = []
  /** What stood at the end of the latest request as of the one before: it stays the same in most runs. */
  #end = 0

  /** The earlier request that says most of this one. */
  inCommon(body: string): InCommon | undefined {
    let best: InCommon | undefined
    let most = 0
    for (const known of this.#known) {
      const { length } = known.body
      const start = commonStart(body, known.body, length - this.#end)
      const left = Math.min(body.length, length) - start
      const end = left === 0 ? 0 : commonEnd(body, known.body, left, this.#end)
      if (start + end <= most) continue
      most = start + end
      best = { base: known.seq, start, end }
      if (most === length || body.length - most < little) break
    }
    if (best !== undefined) this.#end = best.end
    return best
  }

  /** From now on a request may go on from this one. `common` is what it had in common with another one. */
  add(seq: number, body: string, common?: InCommon): void {
    const known: Earlier[] = [{ seq, body }]
    for (const other of this.#known) {
      if (known.length === mostKnown) break
      // What it goes on from is part of it.
      const isPart = other.seq === common?.base && common.start + common.end === other.body.length
      if (!isPart) known.push(other)
    }
    this.#known = known
  }
}
