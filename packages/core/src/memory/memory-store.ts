import type { Embedding, MemoryKind, MemoryPlace, MemoryTier, MemoryVersion } from './memory.ts'

/** What has come to a place since somebody looked. */
export interface MemoryChanges {
  /** Oldest first. */
  readonly versions: readonly MemoryVersion[]
  /** They are the first of all that there is: what was known before counts no more. */
  readonly fromStart: boolean
  /** Where to go on from next time. */
  readonly cursor: string
  /** There is more already. */
  readonly more: boolean
}

/** Which memories: all that every member given fits. */
export interface MemoryQuery {
  readonly tenant?: string | undefined
  /** In places of this user, or written by this user in a namespace. */
  readonly user?: string | undefined
  readonly namespace?: string | undefined
  readonly session?: string | undefined
  readonly tiers?: readonly MemoryTier[] | undefined
  readonly kinds?: readonly MemoryKind[] | undefined
  /** Superseded versions too. @default false */
  readonly everyVersion?: boolean | undefined
  /** The latest so many. @default all */
  readonly limit?: number | undefined
}

/** Whose memories are erased. A user without a tenant is another one than the user of that name in a tenant. */
export interface MemoryOwner {
  readonly tenant?: string | undefined
  readonly user: string
}

/** What is looked for in a place that is too large to be held in a process. */
export interface MemorySearch {
  /** What the query is cut into. */
  readonly terms: readonly string[]
  /** Cuts a memory in the same way, and says how long it counts for. */
  readonly cut: (version: MemoryVersion) => {
    readonly terms: readonly string[]
    readonly length: number
  }
  readonly vector?: Embedding | undefined
  /** So many by their words, and so many by their vectors. */
  readonly limit: number
}

/** What may fit a search, to be scored by who asked. */
export interface MemorySearched {
  /** All versions of each memory, in the order in which they came. */
  readonly versions: readonly MemoryVersion[]
  /** How many versions the place has, and how long they are in the mean. */
  readonly count: number
  readonly averageLength: number
  /** In how many versions each term of the query is. */
  readonly frequencies: ReadonlyMap<string, number>
}

/** Where memories are kept: the only truth about them, for all processes that use it. */
export interface MemoryStore {
  /** `memory`, `sqlite`, `redis`. */
  readonly name: string
  /** Whether other processes see the same. */
  readonly shared: boolean
  /** Adds a version if it follows the newest one there is: false where somebody was faster. */
  put(version: MemoryVersion): Promise<boolean>
  /**
   * Gives the newest version of a memory the vector that it was kept without, and tells it anew to who looks for
   * changes: false where it is not the newest any more, or has one.
   */
  addVector(version: MemoryVersion): Promise<boolean>
  /** The newest version. */
  find(id: string): Promise<MemoryVersion | undefined>
  /** All versions, oldest first. */
  history(id: string): Promise<readonly MemoryVersion[]>
  /** What came to a place after the cursor, from the start without one, or where something there was deleted. */
  changes(place: MemoryPlace, cursor?: string): Promise<MemoryChanges>
  /** How many versions a place has; a store without it is never searched in. */
  size?(place: MemoryPlace): Promise<number>
  /** Undefined where the store cannot be searched in; then the place is read. */
  search?(place: MemoryPlace, search: MemorySearch): Promise<MemorySearched | undefined>
  /** The latest first. */
  list(query?: MemoryQuery): Promise<readonly MemoryVersion[]>
  /** Deletes memories, with all their versions. Resolves to how many there were. */
  forget(ids: readonly string[]): Promise<number>
  /** Deletes all memories of a user, and those that the user has written in namespaces. No byte of their text stays. */
  erase(owner: MemoryOwner): Promise<number>
  /** Deletes memories whose newest version has expired before then. */
  expire(beforeMs: number): Promise<number>
  close(): Promise<void>
}
