import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ExportResultCode } from '@opentelemetry/core'
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

const done = { code: ExportResultCode.SUCCESS }

// What an application in production has: batched spans and read metrics; the exporters drop what they get.
const tracerProvider = new TracerProvider({
  spanProcessors: [
    new BatchSpanProcessor({
      exporter: {
        export: (_spans, result) => result(done),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    }),
  ],
})
const meterProvider = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({
      exporter: {
        export: (_metrics, result) => result(done),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
        selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
      },
    }),
  ],
})

/** Registers the OpenTelemetry SDK for the whole process. */
export function registerOpenTelemetry(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(tracerProvider)
  metrics.setGlobalMeterProvider(meterProvider)
}

/** Takes it off again: the API is back to doing nothing. */
export function unregisterOpenTelemetry(): void {
  context.disable()
  trace.disable()
  metrics.disable()
}

/** Sends off what waits in the SDK's own queues: a span that waits is not Holdfast's to answer for. */
export async function flushOpenTelemetry(): Promise<void> {
  await tracerProvider.forceFlush()
  await meterProvider.forceFlush()
}
