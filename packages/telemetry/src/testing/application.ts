// An application as users write it, for tests that need a process of its own: one run with one call, no clean-up.
import { childRun, enterRun } from '@holdfast/core'
import { telemetry } from '../telemetry.ts'
import type { TelemetryOptions } from '../telemetry.ts'
import { ask, llmCall } from './provider.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as TelemetryOptions
const watcher = telemetry(options)
const run = childRun({ agent: 'helper' })

await enterRun(run, () =>
  watcher.run(run, async () => {
    await ask(watcher.llm, llmCall(process.env['PROVIDER'] ?? '', { run }))
  }),
)
process.on('exit', () => {
  const loaded = Symbol.for('opentelemetry.js.api.1') in globalThis
  process.stdout.write(`sdk loaded: ${loaded}\n`)
})
