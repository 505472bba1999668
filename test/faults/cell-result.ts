import type { Outcome as RequestOutcome } from '@holdfast/lab'

/** What one cell came to: plain data that crosses processes. */
export interface CellResult {
  readonly id: string
  /** `pending`: it had to be ended from outside, it would have gone on. */
  readonly ended: 'answered' | 'failed' | 'pending'
  readonly durationMs: number
  /** For how long of that the process itself stood still. */
  readonly stoodStillMs: number
  readonly text: string
  readonly toolCalls: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly finish: string | undefined
  /** The error that the application caught. */
  readonly error: ErrorFacts | undefined
  /** What went upstream. */
  readonly requests: readonly UpstreamRequest[]
  /** Attempts that Holdfast told of; undefined for a bare client. */
  readonly attempts: number | undefined
  /** The body that plain fetch got, in base64. */
  readonly body: string | undefined
  /** What the lab sends for its first requests: what `body` must be a beginning of. */
  readonly sent: readonly SentBody[] | undefined
}

/** A body as the lab sends it. */
export interface SentBody {
  readonly base64: string
  /** False where it never ends and reading was given up. */
  readonly whole: boolean
}

/** One request as it arrived at the lab. */
export interface UpstreamRequest {
  readonly atMs: number
  readonly endedAtMs: number | undefined
  readonly status: number | undefined
  readonly faulty: boolean
  readonly outcome: RequestOutcome
}

/** An error as an application sees it. */
export interface ErrorFacts {
  /** Constructor names from the error's own class up to Error. */
  readonly classes: readonly string[]
  /** The SDK's classes that `instanceof` finds. */
  readonly instanceOf: readonly string[]
  readonly status: number | undefined
  readonly message: string
  /** The error and everything below it: causes, errors of earlier tries. */
  readonly chain: readonly {
    readonly name: string
    readonly code: string | undefined
    readonly message: string
  }[]
}
