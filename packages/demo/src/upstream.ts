import type { Attempt } from './attempt.ts'

/** The providers that one agent talks to, during one run. */
export interface Upstream {
  /** Where the agent finds them, and with which key: environment variables. */
  readonly env: Readonly<Record<string, string>>
  /** Everything that reached them so far, in order. */
  attempts(): readonly Attempt[]
  close(): Promise<void>
}
