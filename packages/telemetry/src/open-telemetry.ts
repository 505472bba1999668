import { ROOT_CONTEXT } from '@opentelemetry/api'
import type {
  Context,
  ContextManager,
  MeterProvider,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api'

/** What every copy of the OpenTelemetry API in this process shares. */
interface Registry {
  readonly trace?: TracerProvider
  readonly context?: ContextManager
  readonly metrics?: MeterProvider
}

/**
 * The OpenTelemetry set-up of this process, whoever made it and whenever.
 *
 * It is read where all copies of the API register it, not through our own copy: that one answers with a no-op when
 * the application's copy is an older 1.x, and cannot say cheaply whether anybody has registered at all.
 */
export class OpenTelemetry {
  #provider: TracerProvider | undefined
  #tracer: Tracer | undefined

  /** The tracer, or undefined while nobody has registered a provider. */
  get tracer(): Tracer | undefined {
    const provider = registry()?.trace
    if (provider !== this.#provider) {
      this.#provider = provider
      this.#tracer = provider?.getTracer(scopeName)
    }
    return this.#tracer
  }

  /** The tracer provider itself, behind the API's proxy. */
  get provider(): TracerProvider | undefined {
    const provider: (TracerProvider & { getDelegate?(): TracerProvider }) | undefined =
      registry()?.trace
    return provider?.getDelegate?.() ?? provider
  }

  get meterProvider(): MeterProvider | undefined {
    return registry()?.metrics
  }

  get activeContext(): Context {
    return registry()?.context?.active() ?? ROOT_CONTEXT
  }

  /** Calls `work` with `context` as the active one, so that spans made in it nest below. */
  with<T>(context: Context, work: () => T): T {
    const manager = registry()?.context
    return manager === undefined ? work() : manager.with(context, work)
  }
}

/** Name of the instrumentation in spans and metrics. */
export const scopeName = '@holdfast/telemetry'

const key = Symbol.for('opentelemetry.js.api.1')

function registry(): Registry | undefined {
  return (globalThis as { [key]?: Registry })[key]
}
