import type { TracerProvider } from '@opentelemetry/api'
import type { OpenTelemetry } from './open-telemetry.ts'

/** Where to export to, where the OTEL_* variables do not say. */
export interface ExportOptions {
  /** An OTLP endpoint as in OTEL_EXPORTER_OTLP_ENDPOINT: `https://collector.example.com:4318`. */
  readonly endpoint?: string
  /** Sent with each export: the collector's access token, for instance. */
  readonly headers?: Readonly<Record<string, string>>
  /** @default OTEL_SERVICE_NAME, else `unknown_service:node` */
  readonly serviceName?: string
}

interface Sdk {
  start(): void
  shutdown(): Promise<void>
}

/**
 * An OpenTelemetry set-up of our own, for applications that have none: sdk-node with OTLP, made once, and only where
 * it is asked for and nobody else has registered a provider by then.
 */
export class OwnExport {
  readonly #openTelemetry: OpenTelemetry
  readonly #options: ExportOptions
  readonly #warn: (message: string) => void
  #wanted: boolean
  #loading: Promise<void> | undefined
  #sdk: Sdk | undefined
  #registered: TracerProvider | undefined

  constructor(
    openTelemetry: OpenTelemetry,
    choice: boolean | ExportOptions | undefined,
    warn: (message: string) => void,
  ) {
    this.#openTelemetry = openTelemetry
    this.#options = typeof choice === 'object' ? choice : {}
    this.#warn = warn
    const asked = choice === undefined ? environmentAsks() : choice !== false
    this.#wanted = asked && process.env['OTEL_SDK_DISABLED']?.trim().toLowerCase() !== 'true'
  }

  /** True where there will be an exporter: calls are recorded for it while it loads. */
  get wanted(): boolean {
    return this.#wanted
  }

  /** Makes the set-up unless there is one. Called at the first call or run, when an application's own is in place. */
  begin(): void {
    if (!this.#wanted || this.#loading !== undefined || this.#sdk !== undefined) return
    if (this.#openTelemetry.tracer !== undefined) {
      this.#wanted = false
      return
    }
    this.#loading = this.#load().catch((error: unknown) => {
      this.#wanted = false
      this.#warn(`[holdfast] no telemetry export: ${String(error)}`)
    })
  }

  /** A promise while the set-up loads. */
  ready(): Promise<void> | undefined {
    return this.#sdk === undefined ? this.#loading : undefined
  }

  /** Sends what is left and ends the exporter. */
  async shutdown(): Promise<void> {
    this.#wanted = false
    await this.#loading
    const sdk = this.#sdk
    this.#sdk = undefined
    this.#loading = undefined
    if (sdk === undefined) return
    await sdk.shutdown().catch((error: unknown) => {
      this.#warn(`[holdfast] telemetry export ended with an error: ${String(error)}`)
    })
    await this.#unregister()
  }

  /** Leaves the place to whoever wants to register next; a provider that is shut down would only be in the way. */
  async #unregister(): Promise<void> {
    if (this.#openTelemetry.provider !== this.#registered) return
    const { context, metrics, propagation, trace } = await import('@opentelemetry/api')
    for (const part of [trace, metrics, context, propagation]) part.disable()
  }

  async #load(): Promise<void> {
    const { NodeSDK } = await import('@opentelemetry/sdk-node')
    if (this.#openTelemetry.tracer !== undefined) {
      this.#wanted = false
      return
    }
    const { serviceName } = this.#options
    this.#sdk = withEnvironment(exportEnvironment(this.#options), () => {
      const sdk = new NodeSDK(serviceName === undefined ? {} : { serviceName })
      sdk.start()
      return sdk
    })
    this.#registered = this.#openTelemetry.provider
  }
}

function environmentAsks(): boolean {
  const { env } = process
  const filled = (name: string): boolean => (env[name] ?? '').trim() !== ''
  const exporter = (name: string): boolean => filled(name) && env[name]?.trim() !== 'none'
  return (
    filled('OTEL_EXPORTER_OTLP_ENDPOINT') ||
    filled('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ||
    filled('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT') ||
    exporter('OTEL_TRACES_EXPORTER') ||
    exporter('OTEL_METRICS_EXPORTER')
  )
}

/** What the options say, in the variables that sdk-node reads; some defaults of it that do not suit us. */
function exportEnvironment({ endpoint, headers }: ExportOptions): Record<string, string> {
  const environment: Record<string, string> = {}
  if (endpoint !== undefined) environment['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint
  if (headers !== undefined) {
    environment['OTEL_EXPORTER_OTLP_HEADERS'] = Object.entries(headers)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join(',')
  }
  const { env } = process
  // We have no logs to export.
  environment['OTEL_LOGS_EXPORTER'] = env['OTEL_LOGS_EXPORTER'] ?? 'none'
  // Without `process`: it would export the command line, and keys stand in command lines.
  environment['OTEL_NODE_RESOURCE_DETECTORS'] =
    env['OTEL_NODE_RESOURCE_DETECTORS'] ?? 'env,host,os,serviceinstance'
  return environment
}

/** sdk-node takes these settings from the environment alone; it reads them while it starts, which is synchronous. */
function withEnvironment<T>(variables: Record<string, string>, work: () => T): T {
  const before = new Map(Object.keys(variables).map((name) => [name, process.env[name]]))
  Object.assign(process.env, variables)
  try {
    return work()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
