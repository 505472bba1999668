/** Ways in which a log is not as it was written. */
export type AuditFindingKind =
  /** The content of a row and its hash do not fit. */
  | 'row-changed'
  /** A row that the key has not signed. */
  | 'row-forged'
  /** Something that is no row. */
  | 'row-damaged'
  | 'rows-missing'
  /** A row that stood elsewhere, or stands twice. */
  | 'row-out-of-place'
  | 'beginning-missing'
  /** There is less than a head, or a later segment, has seen. */
  | 'tail-cut'
  | 'segment-missing'
  /** A row is another one than a head, or a later segment, has seen. */
  | 'row-replaced'
  /** Something stands behind the end that a process has written. */
  | 'end-passed'
  /** A head in the anchor that the key has not signed, or that is none. */
  | 'head-forged'

/** One thing that is wrong, and where. */
export interface AuditFinding {
  readonly what: AuditFindingKind
  readonly segment: string
  readonly file?: string | undefined
  /** Counted from 1. */
  readonly line?: number | undefined
  /** For people. */
  readonly text: string
}

/** What a look at a whole log has shown. */
export interface AuditReport {
  readonly segments: number
  readonly rows: number
  /** Segments whose process was killed, or writes still. */
  readonly openSegments: number
  /** Rows whose signature was checked. */
  readonly signedRows: number
  /** Heads that were compared. */
  readonly heads: number
  readonly findings: readonly AuditFinding[]
  /** What could not be checked, and what is odd and no tampering. */
  readonly notes: readonly string[]
}
