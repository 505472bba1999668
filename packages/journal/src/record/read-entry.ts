import type { JournalEntry } from '@holdfast/core'
import { wrongKey } from '@holdfast/core/encryption'
import type { EntryKind, ReadEntry } from './entries.ts'
import { entryOf } from './entry-text.ts'

const kinds: Readonly<Record<EntryKind, true>> = {
  llm: true,
  'llm-start': true,
  'llm-failed': true,
  'tool-intent': true,
  'tool-outcome': true,
  resolution: true,
  fork: true,
  value: true,
  redacted: true,
}

/** Entries as they were meant. Kinds that a newer version has added are left out. */
export function readEntries(entries: readonly JournalEntry[]): ReadEntry[] {
  return entries.filter(isKnown).map(
    ({ seq, kind, atMs, data, payload }) =>
      ({
        kind,
        seq,
        atMs,
        data: entryOf(kind, textOf(data)),
        payload,
      }) as ReadEntry,
  )
}

function textOf(data: string | Uint8Array): string {
  if (typeof data === 'string') return data
  throw wrongKey('no key is given')
}

function isKnown(entry: JournalEntry): entry is JournalEntry & { readonly kind: EntryKind } {
  return entry.kind in kinds
}
