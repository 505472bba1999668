import { AsyncLocalStorage } from 'node:async_hooks'
import { context, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import type { Context, ContextManager } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import type { DataPoint, Histogram } from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

/** The real OpenTelemetry SDK, registered for the process as an application does it, exporting into memory. */
export class OpenTelemetrySetup implements AsyncDisposable {
  readonly #spans = new InMemorySpanExporter()
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  readonly #reader = new PeriodicExportingMetricReader({
    exporter: this.#metrics,
    exportIntervalMillis: 3_600_000,
  })
  readonly tracerProvider: TracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: this.#spans })],
  })
  readonly meterProvider: MeterProvider = new MeterProvider({ readers: [this.#reader] })

  constructor() {
    context.setGlobalContextManager(new Contexts())
    trace.setGlobalTracerProvider(this.tracerProvider)
    metrics.setGlobalMeterProvider(this.meterProvider)
  }

  /** All spans that are finished by now, as an application sees them after a flush. */
  async spans(): Promise<ReadableSpan[]> {
    await this.tracerProvider.forceFlush()
    return this.#spans.getFinishedSpans()
  }

  async span(name: string): Promise<ReadableSpan> {
    const spans = await this.spans()
    const found = spans.find((span) => span.name === name)
    if (found === undefined) {
      throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(', ')}`)
    }
    return found
  }

  /** The data points of a metric, as a reader collects them now. */
  async points(name: string): Promise<DataPoint<number | Histogram>[]> {
    this.#metrics.reset()
    await this.#reader.forceFlush()
    return this.#metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as DataPoint<number | Histogram>[])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tracerProvider.shutdown()
    await this.meterProvider.shutdown()
    trace.disable()
    metrics.disable()
    context.disable()
  }
}

/** What sdk-node registers too: contexts on AsyncLocalStorage. */
class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => work.call(thisArg as ThisParameterType<F>, ...args))
  }

  bind<T>(_active: Context, target: T): T {
    return target
  }

  enable(): this {
    return this
  }

  disable(): this {
    this.#storage.disable()
    return this
  }
}
