import type { Usage } from '@holdfast/core'

/** A piece of a request: its text, or where it is long the hash under which it is stored. */
export type Piece = string | { readonly blob: string }

/** A request's body as a record holds it: what it does not have in common with an earlier one of the same run. */
export interface RecordedRequest<Of = Piece> {
  /** The `seq` of the earlier one's record. */
  readonly base?: number
  /** How many characters at the beginning and at the end are those of the earlier one. */
  readonly start?: number
  readonly end?: number
  /** What stands between them. */
  readonly pieces: readonly Of[]
}

/** One request that went upstream. */
export interface RecordedAttempt {
  readonly provider: string
  readonly host: string
  readonly model: string
  readonly tookMs?: number
  readonly status?: number
  readonly fault?: string
  readonly possiblyBilled?: boolean
}

interface Placed {
  /** The agents that called each other down to this call, from the run inwards. */
  readonly scope: string
  /** Which call of its kind in the scope it was, counted from 0. */
  readonly ordinal: number
  readonly fingerprint: string
}

interface AskedOf {
  readonly format: string
  readonly operation: string
  readonly provider: string
  readonly model: string
  readonly streaming: boolean
}

/** A tool call that a reply asked for. */
export interface ProposedTool {
  readonly id: string
  readonly name: string
}

/** An LLM call that was answered. The bytes of its reply are the entry's payload. Its fingerprint is its request's. */
export interface LlmRecord extends Omit<Placed, 'fingerprint'>, AskedOf {
  readonly request: RecordedRequest
  readonly status: number
  readonly statusText: string
  /** Those of the reply's headers that say nothing of an account. */
  readonly headers: readonly (readonly [string, string])[]
  readonly attempts: readonly RecordedAttempt[]
  readonly usage?: Usage | undefined
  /** What the tokens cost in US dollars, where the prices were known then. */
  readonly costUsd?: number
  readonly toolCalls?: readonly ProposedTool[] | undefined
  /** Until the entry was written. */
  readonly tookMs: number
}

/** An LLM call that goes upstream. Written where a divergence has to be told for certain. */
export type LlmStart = Placed

/** An LLM call that was not answered, or not to its end. Kept for people: it is asked again. */
export interface LlmFailure extends Omit<Placed, 'fingerprint'>, AskedOf {
  readonly attempts: readonly RecordedAttempt[]
  readonly status?: number | undefined
  readonly error: string
  /** Until the entry was written. */
  readonly tookMs: number
}

/** A tool call that is about to run. */
export interface ToolIntent extends Placed {
  readonly name: string
  /** JSON, members in order. */
  readonly arguments: string
  readonly framework: string
  readonly toolCallId?: string
  readonly idempotencyKey: string
  /** Who decides where it is in doubt, other than a person. */
  readonly inDoubt?: 'retry' | 'skip' | 'reconcile'
  /** The `seq` of the intent that was cut off and is executed anew. */
  readonly again?: number
}

/** What a tool answered with. */
export type StoredValue =
  | { readonly as: 'json'; readonly value: unknown }
  | { readonly as: 'undefined' }
  /** Structured clone, base64: for what JSON cannot say. */
  | { readonly as: 'clone'; readonly value: string }
  /** The framework's own form, told by its adapter. */
  | { readonly as: 'framework'; readonly value: unknown }

export interface StoredError {
  readonly name: string
  readonly message: string
  /** Of a HoldfastError. */
  readonly code?: string
  readonly properties?: Readonly<Record<string, unknown>>
}

export interface ToolOutcome {
  /** The `seq` of the intent. */
  readonly intent: number
  readonly value?: StoredValue
  readonly error?: StoredError
  /** It is done, but what it answered cannot be stored, for this reason. */
  readonly lost?: string
  readonly tookMs: number
}

/** What was decided about an effect in doubt. */
export interface Resolution {
  readonly intent: number
  /** `done`: it happened, with this value; `again`: it did not happen, run it; `skip`: leave it be. */
  readonly as: 'done' | 'again' | 'skip'
  readonly value?: StoredValue
  readonly by: 'person' | 'policy' | 'reconcile' | 'framework'
}

/** The run asked something else than the records have at this place, and went on for real. */
export interface Fork {
  readonly scope: string
  readonly fingerprint: string
}

/** A time, id or number that the run was given. */
export interface DeterministicValue {
  readonly scope: string
  readonly ordinal: number
  readonly name: string
  readonly value: string | number
}

/** The run was imported without all that was said in it: there is nothing to go on from. */
export type Redacted = Readonly<Record<string, never>>

/** What an entry of each kind holds. */
export interface Entries {
  readonly llm: LlmRecord
  readonly 'llm-start': LlmStart
  readonly 'llm-failed': LlmFailure
  readonly 'tool-intent': ToolIntent
  readonly 'tool-outcome': ToolOutcome
  readonly resolution: Resolution
  readonly fork: Fork
  readonly value: DeterministicValue
  readonly redacted: Redacted
}

export type EntryKind = keyof Entries

/** An entry, read. */
export type ReadEntry = {
  [Kind in EntryKind]: {
    readonly kind: Kind
    readonly seq: number
    readonly atMs: number
    readonly data: Entries[Kind]
    readonly payload: Uint8Array | undefined
  }
}[EntryKind]
