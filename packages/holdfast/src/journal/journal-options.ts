import type { JournalStore } from '@holdfast/core'
import type { JournalOptions } from '@holdfast/journal'

/** How runs are kept, and where. */
export interface JournalSettings extends Omit<
  JournalOptions,
  'store' | 'alarm' | 'display' | 'costOf'
> {
  /**
   * A file, the address of a Redis (`redis://` or `rediss://`), or a store of your own.
   * @default what HOLDFAST_JOURNAL says, else `.holdfast/journal.db` in the working folder
   */
  readonly store?: string | JournalStore
  /** What a record in a file outlives: `kill -9`, or a power cut too. @default 'process' */
  readonly durability?: 'process' | 'power'
}
