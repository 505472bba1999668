import type { InDoubtPolicy, JournalStore } from '@holdfast/core'
import type { Mask } from '../request/conversations.ts'

/** What is done where a run gone on from asks something else than it did before. */
export type Divergence = 'fork' | 'strict' | 'warn'

/** What the parts of one journal share. */
export interface Settings {
  readonly store: JournalStore
  readonly leaseMs: number
  /** Unfinished runs of the same work are taken up again if they are no older; 0 for never. */
  readonly resumeWithinMs: number
  readonly divergence: Divergence
  readonly inDoubt: InDoubtPolicy
  readonly tools: Readonly<Record<string, InDoubtPolicy>>
  readonly mask: Mask | undefined
  /** Says what the application should know. */
  readonly warn: (message: string) => void
}
