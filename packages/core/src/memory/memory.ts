/** `session`: this conversation; `working`: this task's state, as blocks; `long-term`: what outlives both. */
export type MemoryTier = 'session' | 'working' | 'long-term'

/** Turns are of a session, blocks of working memory, the others are long-term. */
export type MemoryKind = 'turn' | 'block' | 'fact' | 'preference' | 'episode'

/**
 * Where a memory is, and so whose it is. Nothing is read or written without a place, and nothing of one place is ever
 * found from another.
 */
export interface MemoryPlace {
  readonly tier: MemoryTier
  readonly tenant?: string | undefined
  /** Of long-term memory: the user that it is of, unless it is of a namespace. */
  readonly user?: string | undefined
  /** A part of long-term memory that several agents share. */
  readonly namespace?: string | undefined
  /** The conversation of a session, or the session or run that working memory is of. */
  readonly session?: string | undefined
}

/** Who wrote it: the user said it, a rule or a model found it in what the user said, or the application or agent put it there. */
export type MemoryAuthor = 'user' | 'rule' | 'model' | 'agent' | 'application'

/** Where a version comes from. */
export interface MemorySource {
  readonly by: MemoryAuthor
  readonly agent?: string | undefined
  /** Whose words they are; what is erased with that user also where it stands in a namespace. */
  readonly user?: string | undefined
  readonly runId?: string | undefined
  readonly callId?: string | undefined
  readonly session?: string | undefined
}

/** What a text is like, as an embedder says: of two embedders they cannot be compared. */
export interface Embedding {
  readonly model: string
  readonly vector: Float32Array
}

/** A memory as it stood from one time on. A later version supersedes it and overwrites nothing. */
export interface MemoryVersion {
  readonly id: string
  /** From 1. */
  readonly version: number
  readonly place: MemoryPlace
  readonly kind: MemoryKind
  /** What it is about where that is known (`name`, `home`): of one topic there is one memory in a place. */
  readonly topic?: string | undefined
  readonly text: string
  /** From 0 to 1. */
  readonly importance: number
  /** Since when it stands, in Date.now() milliseconds; never before the version before it. */
  readonly atMs: number
  /** From then on it is not recalled any more, nor what it superseded. */
  readonly expiresAtMs?: number | undefined
  readonly source: MemorySource
  readonly embedding?: Embedding | undefined
}
