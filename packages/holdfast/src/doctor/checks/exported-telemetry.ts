import { optionAt } from '../facts.ts'
import type { Check } from '../finding.ts'

const variables = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_METRICS_EXPORTER',
]

/** Nobody sees what happens. */
export const exportedTelemetry: Check = ({ options, environment, hasOpenTelemetry }) => {
  const isOff = optionAt(options, 'telemetry') === false
  const asked = optionAt(options, 'telemetry.export')
  const isExported =
    !isOff &&
    asked !== false &&
    (hasOpenTelemetry || asked !== undefined || variables.some((name) => environment.has(name)))
  const log = optionAt(options, 'runLog')
  if (isExported || (log !== undefined && log !== false && !isOff)) return []
  return [
    {
      severity: 'warning',
      problem: 'nobody sees what agents do, what it costs and why it fails',
      evidence: isOff
        ? 'telemetry is off'
        : 'no OpenTelemetry set-up, no OTEL_EXPORTER_OTLP_ENDPOINT, no run log',
      add: isOff
        ? `telemetry: { export: true }`
        : `runLog: 'stderr'   // or OTEL_EXPORTER_OTLP_ENDPOINT`,
      to: 'options',
    },
  ]
}
