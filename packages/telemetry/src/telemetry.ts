import type { Interceptor, Run, ToolCall } from '@holdfast/core'
import type { Redact } from './message-content.ts'
import type { ExportOptions } from './own-export.ts'
import type { ModelPrice } from './prices.ts'
import type { RunSummary } from './run-summary.ts'
import { Watcher } from './watcher.ts'

/** What is told about calls and runs, and to whom. */
export interface TelemetryOptions {
  /** Puts prompts, answers, tool arguments and results into the spans. @default false */
  readonly captureContent?: boolean
  /** Cleans every text before it goes into a span. Content whose cleaning fails is left out. */
  readonly redact?: Redact
  /** Puts temperature, maximum tokens and the like into the spans, which takes reading each request. @default true */
  readonly requestParameters?: boolean
  /** Prices by model name or `provider/model`, ahead of the catalogue's. */
  readonly prices?: Readonly<Record<string, ModelPrice>>
  /**
   * Exports with an OpenTelemetry SDK of our own where the application has none.
   * @default true where OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER or OTEL_METRICS_EXPORTER (…) ask for it
   */
  readonly export?: boolean | ExportOptions
  /** A run that nobody opened is finished when no call of it came for this long. @default 60_000 */
  readonly idleMs?: number
  /** Gets the summary of each finished run; `runLine` makes a line of it. */
  readonly onRunEnd?: (summary: RunSummary) => void
  /** Gets what is said once: a model without a price, an exporter that does not start. @default process.emitWarning */
  readonly warn?: (message: string) => void
}

/** Watches calls and runs. It changes nothing in them. */
export interface Telemetry {
  /** To be the outermost of the LLM interceptors. */
  readonly llm: Interceptor
  /** To be the outermost of the tool interceptors. */
  readonly tool: Interceptor<ToolCall>
  /** Calls `work` as that run: with an agent span around it, and a summary when it is over. */
  run<T>(run: Run, work: () => T): T
  /** The same for a run that is no function: returns what ends it. */
  startRun(run: Run): (error?: unknown) => void
  /** Resolves when everything up to now is handed to OpenTelemetry. */
  flush(): Promise<void>
  /** Finishes all runs, hands everything on, ends our own exporter. */
  shutdown(): Promise<void>
}

/** Spans and metrics in OpenTelemetry's GenAI conventions, cost, and one summary per run. */
export function telemetry(options: TelemetryOptions = {}): Telemetry {
  return new Watcher(options)
}
