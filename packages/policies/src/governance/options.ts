import type { CapOptions, SpendingOptions } from './caps/options.ts'

/** What agents may use up. */
export interface GovernanceOptions extends SpendingOptions {
  /** @default none */
  readonly caps?: CapOptions | readonly CapOptions[]
}
