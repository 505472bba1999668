/** Who owns a run: one process on one machine. */
export interface LeaseOwner {
  /** Unique for this process. */
  readonly id: string
  /** Tells machines, their boots and process namespaces apart: on the same host a process can be looked up by its pid. */
  readonly host: string
  readonly pid: number
  /** When the process began, as its system counts: a pid that was given out again has another one. */
  readonly started: string
}

/** `waiting`: an effect is in doubt, and somebody has to say what became of it. */
export type JournalRunState = 'running' | 'waiting' | 'completed' | 'failed'

/** A run as the store knows it. Times are Date.now() milliseconds. */
export interface JournalRun {
  readonly id: string
  readonly state: JournalRunState
  /** What runs have in common that are the same work: agent, session, identity and input. */
  readonly key?: string
  readonly parentId?: string
  readonly agent?: string
  readonly session?: string
  readonly tenant?: string
  readonly user?: string
  /** What its entries are encrypted with, itself encrypted. */
  readonly secret?: string
  readonly createdAtMs: number
  readonly updatedAtMs: number
  /** Grows with each owner. Only the newest one may write. */
  readonly fence: number
  /** Undefined while nobody holds the run. */
  readonly owner?: LeaseOwner
  /** Until when the owner holds it, by the store's clock. */
  readonly leaseUntilMs: number
}

/** What is said of a run when it is begun. */
export type JournalRunFacts = Pick<
  JournalRun,
  'id' | 'key' | 'parentId' | 'agent' | 'session' | 'tenant' | 'user' | 'secret'
>

/** One thing that happened, as it is stored: entries of a run are numbered from 0 and never changed. */
export interface JournalEntry {
  readonly seq: number
  /** Tells the entries apart without opening them: `llm`, `tool-intent`, `tool-outcome` … */
  readonly kind: string
  readonly atMs: number
  /** Text as it is, or bytes where it is encrypted. */
  readonly data: string | Uint8Array
  /** What is kept beside the data as it came: the bytes of a reply. */
  readonly payload?: Uint8Array
}

/** Content stored under its hash, once however often it is put in. */
export interface JournalBlob {
  readonly hash: string
  readonly content: string | Uint8Array
}

/** The right to write to a run. */
export interface JournalLease {
  readonly runId: string
  readonly fence: number
  readonly owner: LeaseOwner
}

export interface AcquireRun {
  readonly facts: JournalRunFacts
  readonly owner: LeaseOwner
  readonly ttlMs: number
  /** Takes over a lease that has not run out, if its fence is still this one: its owner is known to be gone. */
  readonly overFence?: number
  /**
   * Leaves the run alone where there is none yet; `unfinished`: also where it is over by now, or where somebody works
   * on it, be it the owner who asks. @default any run is taken, and one that is not there is made
   */
  readonly only?: 'existing' | 'unfinished'
}

/** `run` is what was there before: undefined for a new run. */
export type AcquireAnswer =
  | { readonly taken: true; readonly lease: JournalLease; readonly run: JournalRun | undefined }
  | { readonly taken: false; readonly run: JournalRun | undefined }

export interface JournalRunChange {
  readonly state: JournalRunState
  /** Gives the lease up, too. @default false */
  readonly release?: boolean
  /** Replaces the run's secret. */
  readonly secret?: string
}

export interface JournalQuery {
  readonly states?: readonly JournalRunState[]
  readonly key?: string
  readonly agent?: string
  readonly session?: string
  /** Last touched before that time. */
  readonly updatedBeforeMs?: number
  /** @default 100, the latest first */
  readonly limit?: number
}

/**
 * Where runs are written so that they can be gone on from. What a promise that has resolved wrote outlives the process.
 * Whatever needs a lease rejects with HoldfastError RUN_TAKEN_OVER when another owner has the run.
 */
export interface JournalStore {
  /** Makes the caller the owner of a run, and the run where there is none. */
  acquire(request: AcquireRun): Promise<AcquireAnswer>
  /** Holds the runs for so long from now. Answers the ids of those that are lost. */
  renew(leases: readonly JournalLease[], ttlMs: number): Promise<readonly string[]>
  /** Says how the run stands. */
  update(lease: JournalLease, change: JournalRunChange): Promise<void>
  /** All of them are written, or none. */
  append(
    lease: JournalLease,
    entries: readonly JournalEntry[],
    blobs?: readonly JournalBlob[],
  ): Promise<void>
  /**
   * Writes an entry that is no promise to others, cheaper than `append`: it outlives the process when this returns or
   * resolves, and is read like every other one, but an owner who was replaced may not be told; what he writes then is
   * never read. A store without it is asked to append.
   */
  record?(
    lease: JournalLease,
    entry: JournalEntry,
    blobs?: readonly JournalBlob[],
  ): Promise<void> | void
  find(runId: string): Promise<JournalRun | undefined>
  list(query?: JournalQuery): Promise<readonly JournalRun[]>
  /** The entries of a run in order. */
  read(runId: string): Promise<readonly JournalEntry[]>
  /** Undefined where a run holds no such blob. */
  blob(runId: string, hash: string): Promise<string | Uint8Array | undefined>
  /** Forgets runs that nobody holds, and the blobs that no other run holds. Answers how many runs went. */
  remove(runIds: readonly string[]): Promise<number>
  close(): Promise<void>
}
