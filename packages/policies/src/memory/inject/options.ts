/** What is put into requests. */
export interface InjectOptions {
  /** How many memories at one turn. @default 5 */
  readonly maxItems?: number
  /** How many tokens they may have at one turn, as far as that can be told cheaply. @default 400 */
  readonly maxTokens?: number
  /** Shared memory that is recalled too, where the agent may read it. */
  readonly namespaces?: readonly string[]
  /** A call goes on without memories where they take longer. @default 1_000 */
  readonly timeoutMs?: number
}

/** How much of a conversation is brought back. */
export interface SessionTurnsOptions {
  /** The latest so many: a question and its answer are two. @default 20 */
  readonly maxTurns?: number
}

/** Which tools models are offered. */
export interface MemoryToolsOptions {
  /** @default true */
  readonly search?: boolean
  /** @default true */
  readonly save?: boolean
  /** How often the model is asked again within one call before it has to answer. @default 4 */
  readonly maxRounds?: number
}

/** What memory does in the line of a call. */
export interface MemoryLineOptions {
  /** Puts what is known of the user into requests. @default true */
  readonly inject?: boolean | InjectOptions
  /** Keeps what users say of themselves, in the background. @default true */
  readonly learn?: boolean
  /** Brings a conversation back to callers that send only its newest message. @default false */
  readonly sessionTurns?: boolean | SessionTurnsOptions
  /** Offers models `memory_search` and `memory_save`. @default false */
  readonly tools?: boolean | MemoryToolsOptions
}
