/** Whose call it was. */
export interface AuditWho {
  readonly tenant?: string | undefined
  readonly user?: string | undefined
  readonly agent?: string | undefined
  readonly session?: string | undefined
  readonly run?: string | undefined
  /** The run that started this one. */
  readonly parent?: string | undefined
}

/** Somebody may use tools, by a rule of the options. */
export interface AuditPermission {
  readonly rule: string
  /** Names in which `*` stands for anything; undefined for every agent. */
  readonly agents?: readonly string[] | undefined
  /** Names of tools, or `class:exec`. */
  readonly tools: readonly string[]
}

/** Options were loaded: from here on these rules hold. */
export interface ConfigurationLoaded {
  readonly kind: 'configuration-loaded'
  /** SHA-256 of the effective options without keys: the version of all rules together. */
  readonly configuration: string
  /** Names of the rules that were written down by somebody, for those that are never used. */
  readonly rules: readonly string[]
  /** What agents may use, for what they never do. */
  readonly permissions: readonly AuditPermission[]
}

/** A policy, or a person, has decided about something. */
export interface DecisionMade extends AuditWho {
  readonly kind: 'decision-made'
  readonly call: string
  readonly policy: string
  readonly verdict: string
  readonly enforced: boolean
  readonly rule: string
  readonly version?: string | undefined
  readonly reason: string
  readonly subject: string
  readonly name: string
  readonly toolClass?: string | undefined
  readonly data?: readonly string[] | undefined
  readonly argumentsHash?: string | undefined
  /** From 0 to 1. */
  readonly score?: number | undefined
  /** The person who decided; undefined where a rule did. */
  readonly by?: string | undefined
}

/** A tool is about to run. */
export interface ToolStarted extends AuditWho {
  readonly kind: 'tool-started'
  readonly call: string
  readonly name: string
  readonly framework: string
  /** SHA-256 of the canonical arguments that it runs with. */
  readonly argumentsHash: string
}

/** It has ended. */
export interface ToolEnded extends AuditWho {
  readonly kind: 'tool-ended'
  readonly call: string
  readonly name: string
  readonly outcome: 'done' | 'failed'
  /** Name of the error's class. */
  readonly error?: string | undefined
  readonly tookMs: number
}

/** Rows before this one could not be written. */
export interface RowsLost {
  readonly kind: 'rows-lost'
  readonly rows: number
  readonly since: string
}

/** The last row of another segment, as a new one has found it. */
export interface AuditLink {
  readonly segment: string
  readonly rows: number
  readonly hash: string
}

/** A process begins to write. */
export interface SegmentOpened {
  readonly kind: 'segment-opened'
  readonly segment: string
  readonly pid: number
  /** What was written before, by others: who takes a whole segment away is found by these. */
  readonly links: readonly AuditLink[]
}

/** The process has ended well: nothing comes behind this row. */
export interface SegmentClosed {
  readonly kind: 'segment-closed'
}

/** What the log can be told. */
export type AuditEntry = ConfigurationLoaded | DecisionMade | ToolStarted | ToolEnded

/** One row as it stands in the log. */
export type AuditRow = (AuditEntry | RowsLost | SegmentOpened | SegmentClosed) & {
  /** Counted within the segment, from 0. */
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
}
