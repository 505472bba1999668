import type { InDoubtPolicy, JournalStore, LlmCall, Usage } from '@holdfast/core'
import type { Mask } from '../request/fingerprint.ts'

/** What is done where a run gone on from asks something else than it did before. */
export type Divergence = 'fork' | 'strict' | 'warn'

/**
 * `run`: runs are written down, and gone on with. `cassette`: a run that is there already is played back, one that is
 * not is written down. `replay`: everything is played back, and nothing written.
 */
export type Recording = 'run' | 'cassette' | 'replay'

/** What the parts of one journal share. */
export interface Settings {
  readonly store: JournalStore
  readonly leaseMs: number
  /** Unfinished runs of the same work are taken up again if they are no older; 0 for never. */
  readonly resumeWithinMs: number
  readonly record: Recording
  /** The run that is played back, whatever the application calls it. */
  readonly replayRun: string | undefined
  readonly divergence: Divergence
  readonly inDoubt: InDoubtPolicy
  readonly tools: Readonly<Record<string, InDoubtPolicy>>
  readonly mask: Mask | undefined
  readonly costOf: ((call: LlmCall, usage: Usage) => number | undefined) | undefined
  /** Says what the application should know. */
  readonly warn: (message: string) => void
}
