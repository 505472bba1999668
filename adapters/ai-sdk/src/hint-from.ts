import type { RunHint } from 'holdfast'

/** What applications say of a generation, in the options of both major versions. */
export interface Options {
  /** An agent's settings are handed on whole. */
  readonly id?: unknown
  readonly maxRetries?: unknown
  readonly telemetry?: TelemetryOptions | undefined
  readonly experimental_telemetry?: TelemetryOptions | undefined
  readonly runtimeContext?: Facts | undefined
  readonly experimental_transform?: unknown
  readonly onFinish?: ((event: unknown) => unknown) | undefined
  readonly onError?: ((event: { readonly error: unknown }) => unknown) | undefined
}

type Facts = Readonly<Record<string, unknown>>

interface TelemetryOptions {
  readonly functionId?: unknown
  readonly metadata?: Facts | undefined
}

/** Who is running: the SDK has no sessions or users; what applications tell their telemetry is taken. */
export function hintFrom(options: Options): RunHint {
  const telemetry = options.telemetry ?? options.experimental_telemetry
  const facts = { ...telemetry?.metadata, ...options.runtimeContext }
  return {
    session: facts['sessionId'] || facts['threadId'],
    user: facts['userId'],
    agent: options.id || telemetry?.functionId,
  }
}
