import { digestOf, shortHash } from './hash.ts'
import { withOrderedIds } from './tool-call-ids.ts'

/** Takes out of a text what differs from one execution to the next. */
export type Mask = (text: string) => string

/** What stands around a conversation in the requests that carry it on. */
export interface Around {
  readonly format: string
  readonly operation: string
  readonly model: string
  readonly streaming: boolean
  /** The text of the body before the elements and behind them. */
  readonly head: string
  readonly tail: string
}

/** What stands for the elements of a conversation up to a place. */
export interface Chain {
  readonly hash: string
  /** The tool-call ids in the order of their first appearance, and how many of them had been seen here. */
  readonly ids: Map<string, number>
  readonly idCount: number
}

export function emptyChain(): Chain {
  return { hash: '', ids: new Map(), idCount: 0 }
}

/** The chain with an element more. */
export function longerChain(
  { hash, ids: known, idCount }: Chain,
  element: string,
  mask?: Mask,
): Chain {
  // Another request may have gone on from the same place, with ids of its own.
  const ids = known.size === idCount ? known : new Map([...known].slice(0, idCount))
  const said = withOrderedIds(element, ids)
  return { hash: shortHash(hash + (mask?.(said) ?? said)), ids, idCount: ids.size }
}

/** What stands for all but the elements. */
export function hashAround(
  { format, operation, model, streaming, head, tail }: Around,
  mask?: Mask,
): string {
  const digest = (text: string): string => digestOf(mask?.(text) ?? text)
  const what = [
    format,
    operation,
    model,
    streaming ? 'stream' : 'whole',
    digest(head),
    digest(tail),
  ]
  return shortHash(what.join('\n'))
}

/** The same for the same request: format, model, messages, tools and parameters; no headers, no address. */
export function fingerprintOf(aroundHash: string, { hash }: Chain): string {
  return aroundHash + hash
}
