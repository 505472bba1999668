import type { Answer } from '../answer.ts'
import type { Move } from '../move.ts'
import type { Random } from '../random.ts'
import type { LabRequest, WireName } from '../request.ts'
import type { Fault } from '../script.ts'
import type { Asked, Wire } from '../wires/wire.ts'

/** How one kind of fault spoils a good answer. */
export interface FaultDefinition {
  /** What goes wrong, in one line. */
  readonly title: string
  /** The row of the decision table that says what to do about it; 0 where nothing must be done. */
  readonly row: number
  /** The kinds of request that it makes sense for. @default 'both' */
  readonly on?: 'both' | 'streamed' | 'whole'
  /** The only wires that have it. @default all */
  readonly wires?: readonly Exclude<WireName, 'other'>[]
  /** Changes what is said, before the wire writes it. */
  readonly answer?: (answer: Answer, context: FaultContext) => Answer
  /** Changes what is sent. Undefined: it cannot strike here, and the good answer goes out. */
  readonly moves?: (moves: readonly Move[], context: FaultContext) => readonly Move[] | undefined
}

/** What a fault may look at. */
export interface FaultContext {
  readonly wire: Wire
  readonly wireName: WireName
  readonly asked: Asked
  readonly answer: Answer
  /** The names of the tools that the request offers. */
  readonly offeredTools: readonly string[]
  readonly request: LabRequest
  readonly fault: Fault
  readonly random: Random
}

/** How long keep-alive bytes and slow bytes wait for each other unless the fault says. */
export const defaultEveryMs = 50

/** A wait: as long as the fault says, or for ever. */
export function stall(fault: Fault): Move {
  return { do: 'wait', ms: fault.stallMs ?? Number.POSITIVE_INFINITY }
}
