import type {
  Context,
  ContextManager,
  MeterProvider,
  Span,
  SpanKind,
  SpanStatusCode,
  Tracer,
  TracerProvider,
  ValueType,
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
 * It is read where all copies of the API meet, not through a copy of our own. Ours would answer with a no-op when the
 * application's copy is an older 1.x, cannot say cheaply whether anybody has registered at all, and takes a quarter
 * of the time that loading Holdfast may take.
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
    return registry()?.context?.active() ?? rootContext
  }

  /** Calls `work` with `context` as the active one, so that spans made in it nest below. */
  with<T>(context: Context, work: () => T): T {
    const manager = registry()?.context
    return manager === undefined ? work() : manager.with(context, work)
  }
}

/** Name of the instrumentation in spans and metrics. */
export const scopeName = '@holdfast/telemetry'

// Numbers instead of the API's enumerations, which only loading it would give; a test holds them against it.
/* oxlint-disable typescript/no-unsafe-enum-assignment */
/** `SpanKind.CLIENT`. */
export const clientKind: SpanKind.CLIENT = 2
/** `SpanKind.INTERNAL`. */
export const internalKind: SpanKind.INTERNAL = 0
/** `SpanStatusCode.ERROR`. */
export const errorStatus: SpanStatusCode.ERROR = 2
/** `ValueType.INT`. */
export const wholeNumbers: ValueType.INT = 0
/* oxlint-enable typescript/no-unsafe-enum-assignment */

/** The context with this span as the active one. */
export function withSpan(context: Context, span: Span): Context {
  return context.setValue(spanKey, span)
}

/** The active span of a context. */
export function spanOf(context: Context): Span | undefined {
  const span = context.getValue(spanKey)
  return span === undefined ? undefined : (span as Span)
}

const key = Symbol.for('opentelemetry.js.api.1')
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN')

/** A context for where nobody keeps contexts. */
class PlainContext implements Context {
  readonly #values: ReadonlyMap<symbol, unknown>

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values
  }

  getValue(name: symbol): unknown {
    return this.#values.get(name)
  }

  setValue(name: symbol, value: unknown): Context {
    return new PlainContext(new Map([...this.#values, [name, value]]))
  }

  deleteValue(name: symbol): Context {
    return new PlainContext(new Map([...this.#values].filter(([other]) => other !== name)))
  }
}

const rootContext: Context = new PlainContext(new Map())

function registry(): Registry | undefined {
  return (globalThis as { [key]?: Registry })[key]
}
