export type { EncryptionOptions, Key } from '@holdfast/core/encryption'
export { journal } from './journal.ts'
export type { Journal, JournalOptions } from './journal.ts'
export type {
  Entries,
  EntryKind,
  LlmFailure,
  LlmRecord,
  ReadEntry,
  RecordedAttempt,
  Resolution,
  StoredError,
  StoredValue,
  ToolIntent,
  ToolOutcome,
} from './record/entries.ts'
export type { Mask } from './request/fingerprint.ts'
export type { Masker } from './request/masks.ts'
export type { Divergence, Recording } from './run/settings.ts'
export type { RunsApi } from './runs-api.ts'
export type { Display, ExportOptions, ImportOptions, Progress } from './transfer/transfer.ts'
export type { Redact } from './transfer/redacted.ts'
