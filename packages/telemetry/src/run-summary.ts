/** What one run took, told once when it is over. */
export interface RunSummary {
  readonly run: string
  /** The run that started this one; its own calls are in its own summary. */
  readonly parent?: string
  readonly session?: string
  readonly agent?: string
  readonly promptVersion?: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  /** `unfinished`: the process ended while calls were under way. */
  readonly outcome: 'ok' | 'error' | 'aborted' | 'unfinished'
  readonly errorType?: string
  /** Model calls as the agent made them; an SDK's resends of one are not calls of their own. */
  readonly calls: number
  /** Requests that went upstream for them. */
  readonly attempts: number
  /** Failed attempts that the provider may have billed; not in tokens and cost. */
  readonly possiblyBilled: number
  /** How often an answer broke off and went on with another attempt; left out where none did. */
  readonly continued?: number
  /** What a provider that speaks another format was not told, or did not tell the application, by name. */
  readonly dropped?: readonly string[]
  readonly tokens: {
    readonly input: number
    readonly output: number
    readonly cachedInput: number
    readonly reasoning: number
  }
  /** Undefined where no call had a known price. */
  readonly costUsd?: number
  /** False where some call's usage or price is unknown: the true figures are higher. */
  readonly complete: boolean
  readonly models: readonly string[]
  readonly tools: readonly {
    readonly name: string
    readonly calls: number
    readonly errors: number
  }[]
}

/** The summary as one line of JSON, for logs. */
export function runLine(summary: RunSummary): string {
  return JSON.stringify({ event: 'run-end', ...summary })
}
