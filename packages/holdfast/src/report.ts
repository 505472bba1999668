import type { GateRow } from '@holdfast/policies/tool-gate'
import type { AdapterReport } from './adapters/attach.ts'
import type { Bug, CaughtCalls, PassingCalls } from './sightings.ts'
import type { UnseenTool } from './unseen-tools.ts'

/** What Holdfast sees of this process: what it catches, what goes by, what it could not take hold of. */
export interface Report {
  readonly active: boolean
  /** Model calls that are handled. */
  readonly caught: readonly CaughtCalls[]
  /** Model calls that went by untouched: unknown formats, HTTP/2, HTTP stacks out of reach. */
  readonly passing: readonly PassingCalls[]
  readonly adapters: readonly AdapterReport[]
  /** What the tool gate has decided, or would have. */
  readonly tools: readonly GateRow[]
  /** Tools that models call and that run where Holdfast does not see it. */
  readonly unseenTools: readonly UnseenTool[]
  /** Mistakes inside Holdfast that were kept away from the application. */
  readonly bugs: readonly Bug[]
}
