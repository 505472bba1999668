import type { StoreFailure, TokenPrice } from '../../reliability/limits/options.ts'

/** Whose calls count together. A call counts for its own run and for all runs that this one is part of. */
export type CapScope = 'run' | 'session' | 'user' | 'tenant' | 'agent' | 'all'

/** How much may be done and spent. Several caps may be set; the first that is reached decides. */
export interface CapOptions {
  /**
   * Whose calls count together. Calls without a run or session have no cap of that kind; those without a user, tenant
   * or agent count together. @default 'run'
   */
  readonly per?: CapScope
  /** Only runs of this agent, and whatever is below them. @default all */
  readonly agent?: string
  /** Starts anew at each multiple of this since 1970, UTC: 86_400_000 for days. @default never */
  readonly periodMs?: number
  /** Model calls of a run itself, without those of its sub-agents; for `per: 'run'`. */
  readonly maxIterations?: number
  /** Model calls. */
  readonly maxCalls?: number
  /** Executions of tools that an adapter or `tool()` sees. */
  readonly maxToolCalls?: number
  readonly maxInputTokens?: number
  readonly maxOutputTokens?: number
  /** Input and output together. */
  readonly maxTokens?: number
  /** Needs prices. A model without one is refused. */
  readonly maxUsd?: number
  /** From the first call on that this process sees; no new call begins after that. */
  readonly maxWallMs?: number
  /** From this share on the model is told to come to an end; false never tells it. @default 0.8 */
  readonly softAt?: number | false
  /** What the model is told then. */
  readonly softNote?: string
  /** The cheaper model that answers from `degradeAt` on; of the same provider. @default none */
  readonly degradeTo?: string
  /** @default 0.9 */
  readonly degradeAt?: number
  /** At the cap somebody is asked, where there is an approver; a yes raises it by `raiseBy`. @default false */
  readonly ask?: boolean
  /** Share of the cap that a yes adds. @default 0.5 */
  readonly raiseBy?: number
}

/** How what is spent is counted. */
export interface SpendingOptions {
  /** By model, as requests name it; needed with `maxUsd`. */
  readonly prices?: Readonly<Record<string, TokenPrice>>
  /** Output tokens that are reserved where a request names no maximum. @default 4_096 */
  readonly assumedOutputTokens?: number
  /** How long what a killed process had reserved counts as spent; nobody knows what it had. @default a day */
  readonly reservedMs?: number
  /** What calls do while the store does not answer: go on with caps of this process alone, or end. @default 'closed' */
  readonly onStoreFailure?: StoreFailure
}

/** Names of the caps, as the options have them. */
export type CapName =
  | 'maxIterations'
  | 'maxCalls'
  | 'maxToolCalls'
  | 'maxInputTokens'
  | 'maxOutputTokens'
  | 'maxTokens'
  | 'maxUsd'
  | 'maxWallMs'
