import type { Fault } from '@holdfast/lab'
import type { ClientName, Wire } from '../clients/client.ts'
import { clients } from '../clients/index.ts'
import type { Kind } from '../expectations.ts'
import { isLabFault, kinds } from '../expectations.ts'

/** One call and everything that goes wrong in it: the same for the same seed. */
export interface Sequence {
  readonly seed: number
  readonly wire: Wire
  readonly client: ClientName
  readonly stream: boolean
  readonly tools: boolean
  /** What strikes the requests in their order; undefined is a good answer, as all answers are after these. */
  readonly faults: readonly (Fault | undefined)[]
  /** When the caller gives up, if it does. */
  readonly abortAfterMs: number | undefined
}

/** The sequence that belongs to a seed. */
export function sequenceOf(seed: number): Sequence {
  const numbers = numbersFrom(seed)
  const upTo = (below: number): number => Math.floor(numbers() * below)
  const oneOf = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item

  const client = oneOf(Object.values(clients))
  const wire = oneOf(client.wires)
  const stream = numbers() < 0.6
  const fitting = kinds.filter((kind) => fits(kind, wire, stream))
  const faults = Array.from({ length: 1 + upTo(5) }, () => {
    if (numbers() < 0.1) return undefined
    const { fault, details } = oneOf(fitting)
    const struck = { afterChunks: upTo(12), ...details, downMs: 20 + upTo(300) }
    return isLabFault(fault) ? { ...struck, name: fault } : undefined
  })
  return {
    seed,
    wire,
    client: client.name,
    stream,
    tools: numbers() < 0.4,
    faults,
    abortAfterMs: numbers() < 0.15 ? upTo(800) : undefined,
  }
}

function fits({ fault, wires, on }: Kind, wire: Wire, stream: boolean): boolean {
  if (!isLabFault(fault) || !wires.includes(wire)) return false
  return on === 'both' || (on === 'streamed') === stream
}

// mulberry32: small, fast, and good enough to pick faults.
function numbersFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296
  }
}
