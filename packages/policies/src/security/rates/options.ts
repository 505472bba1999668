import type { Globs } from '../permissions/globs.ts'

/** How often somebody may do something that costs. */
export interface OperationRate {
  /** Appears in decisions, and in the key that the store counts under. */
  readonly name: string
  /** Whose operations count together; who does not say who it is counts as one. @default 'user' */
  readonly per?: 'user' | 'tenant' | 'agent' | 'session' | 'everybody'
  /** Calls of these models. */
  readonly models?: Globs
  /** Calls of these tools, by name or by class: `class:payment`. */
  readonly tools?: Globs
  /** So many per period, evenly. */
  readonly limit: number
  readonly periodMs: number
  /** So many at once after a pause. @default limit */
  readonly burst?: number
  /** What happens when the store does not answer. @default 'closed' */
  readonly onStoreFailure?: 'closed' | 'open'
}
