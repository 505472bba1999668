import type { CapOptions, SpendingOptions } from './caps/options.ts'
import type { ConfidenceOptions } from './confidence/options.ts'
import type { Escalation } from './escalation.ts'
import type { LoopOptions } from './loops/options.ts'
import type { ValidationOptions } from './validation/options.ts'

/** What agents may use up, how they are kept from going in circles, and which of their answers are good enough. */
export interface GovernanceOptions extends SpendingOptions {
  /** @default none */
  readonly caps?: CapOptions | readonly CapOptions[]
  /** @default watched and told as events; nothing is changed */
  readonly loops?: false | LoopOptions
  /** Of several, the first whose `when` holds. @default none */
  readonly validation?: false | ValidationOptions | readonly ValidationOptions[]
  /** @default none */
  readonly confidence?: false | ConfidenceOptions
  /** Told what a person has to look at: loops that did not end by themselves, answers that nobody should trust. */
  readonly onEscalate?: (escalation: Escalation) => unknown
}
