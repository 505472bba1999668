import type { ClientName, Wire } from './clients/client.ts'
import { clients } from './clients/index.ts'
import type { Expectation, FaultName, Kind } from './expectations.ts'
import { expectationOf, kinds } from './expectations.ts'

/** How often the fault strikes: at the first request, at the first two, at every one. */
export type Plan = 'once' | 'twice' | 'always'

/** One combination of the matrix. */
export interface Cell {
  /** `gemini/genai/stream/overloaded/once` */
  readonly id: string
  readonly wire: Wire
  readonly client: ClientName
  readonly stream: boolean
  readonly fault: FaultName
  readonly plan: Plan
}

/** Which part of the matrix to run; an empty list is everything. */
export interface Part {
  readonly wires: readonly string[]
  readonly clients: readonly string[]
  readonly faults: readonly string[]
}

/** Every combination that makes sense, in the order of the tables. */
export function cells(part: Part = { wires: [], clients: [], faults: [] }): Cell[] {
  const all: Cell[] = []
  for (const [client, { wires }] of Object.entries(clients)) {
    if (!isIn(client, part.clients)) continue
    for (const wire of wires) {
      if (!isIn(wire, part.wires)) continue
      for (const kind of kinds) {
        const { fault } = kind
        if (!isIn(fault, part.faults) || !kind.wires.includes(wire)) continue
        for (const stream of modes(kind)) {
          for (const plan of plans(kind, expectationOf({ fault, wire, stream }))) {
            const id = [wire, client, stream ? 'stream' : 'whole', fault, plan].join('/')
            all.push({ id, wire, client: client as ClientName, stream, fault, plan })
          }
        }
      }
    }
  }
  return all
}

function modes({ on }: Kind): readonly boolean[] {
  return on === 'both' ? [false, true] : [on === 'streamed']
}

/** `once` shows that a retry helps, `twice` that a second one does, `always` where it ends. */
function plans({ onlyAlways }: Kind, { retries, always }: Expectation): readonly Plan[] {
  if (onlyAlways === true || always.ends === 'finishes' || retries === 0) return ['always']
  return retries === 1 ? ['once', 'always'] : ['once', 'twice', 'always']
}

function isIn(name: string, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.includes(name)
}
