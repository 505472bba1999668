import { parseArgs } from 'node:util'
import { HoldfastError } from '@holdfast/core'
import { collectFacts } from '../../doctor/collect-facts.ts'
import { diagnose } from '../../doctor/diagnose.ts'
import { runApplication } from '../../doctor/run-application.ts'
import type { CommandIo } from '../journal/journal-command.ts'
import { readDuration } from '../journal/duration.ts'
import { doctorText } from './doctor-text.ts'

const help = `Goes through the production checklist: what is missing or wrong, what shows it, and the line to add.

  holdfast doctor                      looks at the configuration, the environment, files, and the newest runs of the journal
  holdfast doctor --run app.js [args]  starts the application for a moment, as it is and with its own options, and looks
                                       at what it does: it really calls its models and tools

  --for 10s       how long the application may run; it is ended then. Default: 10s
  --json          one JSON document in place of text

  Exit code 1 where something critical is found, 2 where the application failed.
`

const options = {
  run: { type: 'boolean' },
  for: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** Runs `holdfast doctor` and returns its exit code: 1 where something critical is found. */
export async function doctorCommand(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const [own, application] = split(args)
    const { values, positionals } = parseArgs({ args: own, options, allowPositionals: true })
    if (values.help === true) {
      io.stdout.write(help)
      return 0
    }
    const [unexpected] = positionals
    if (unexpected !== undefined || (values.run === true) !== application.length > 0) {
      throw new TypeError(
        unexpected === undefined
          ? 'say which application: holdfast doctor --run app.js'
          : `say --run to start ${unexpected}`,
      )
    }
    const ran =
      application.length === 0
        ? undefined
        : await runApplication(application, readDuration(values.for ?? '10s'))
    if (ran?.processes.length === 0) {
      const how = ran.exitCode === undefined ? '' : ` with exit code ${ran.exitCode}`
      io.stderr.write(`holdfast doctor: the application ended${how} before it could be looked at\n`)
      return 2
    }
    const facts = await collectFacts({ folder: process.cwd(), processes: ran?.processes ?? [] })
    const findings = diagnose(facts)
    if (values.json === true) {
      const { optionsFrom, journalProblem, calls, tools, proofs, processes } = facts
      const seen = {
        optionsFrom,
        journalProblem,
        calls,
        tools: tools.map(({ name }) => name),
        proofs,
        reports: processes.map(({ report }) => report),
      }
      io.stdout.write(`${JSON.stringify({ ...seen, findings }, undefined, 2)}\n`)
    } else {
      io.stdout.write(doctorText(facts, findings, ran))
    }
    if (findings.some(({ severity }) => severity === 'critical')) return 1
    return (ran?.exitCode ?? 0) === 0 ? 0 : 2
  } catch (error) {
    io.stderr.write(`holdfast doctor: ${error instanceof Error ? error.message : String(error)}\n`)
    if (HoldfastError.is(error)) return 1
    io.stderr.write('Try: holdfast doctor --help\n')
    return 2
  }
}

/** What comes behind `--run app.js` is the application's own. */
function split(args: readonly string[]): [own: string[], application: string[]] {
  const at = args.indexOf('--run')
  if (at < 0) return [[...args], []]
  let end = at + 1
  while (args[end]?.startsWith('--') === true) end += args[end] === '--for' ? 2 : 1
  return [args.slice(0, end), args.slice(end)]
}
