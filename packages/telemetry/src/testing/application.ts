// An application as users write it, for tests that need a process of its own: one run with one call, no clean-up.
import { childRun, enterRun } from '@holdfast/core'
import { runLine } from '../run-summary.ts'
import { telemetry } from '../telemetry.ts'
import type { TelemetryOptions } from '../telemetry.ts'
import { ask, llmCall } from './provider.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as TelemetryOptions
const { PROVIDER: provider = '', RUN_LOG: runLog, END: end } = process.env
const onRunEnd: TelemetryOptions['onRunEnd'] = (summary) => {
  process.stdout.write(`${runLine(summary)}\n`)
}
const watcher = telemetry(runLog === undefined ? options : { ...options, onRunEnd })
const run = childRun({ agent: 'helper' })

if (end === undefined) {
  await enterRun(run, () =>
    watcher.run(run, async () => {
      await ask(watcher.llm, llmCall(provider, { run }))
    }),
  )
  process.on('exit', () => {
    const loaded = Symbol.for('opentelemetry.js.api.1') in globalThis
    process.stdout.write(`sdk loaded: ${loaded}\n`)
  })
} else {
  // Nobody opens the run; the process ends by itself or by process.exit().
  await ask(watcher.llm, llmCall(provider, { run }))
  if (end === 'exit') process.exit()
}
