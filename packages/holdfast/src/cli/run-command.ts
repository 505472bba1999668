import { readFileSync } from 'node:fs'
import { labCommand } from '@holdfast/lab'

const help = `holdfast: takes AI agents from demo to production

  node --import holdfast/auto app.js    your agent, held fast
  holdfast lab                          a model provider on a bad day, to point an agent at

  holdfast runs                         the runs in the journal
  holdfast show <run>                   what happened in one, call by call
  holdfast replay <run> -- node app.js  the same answers again, without a request
  holdfast resolve <effect> done        says what became of a tool call that was cut off
  holdfast prune, export, import        keep the journal small, hand a run over

  holdfast approvals                    tool calls that wait for a person, and how to decide
  holdfast memory                       what agents remember, and how to take it away
  holdfast audit verify, access, ls     who decided what, and whether the log was changed
  holdfast doctor                       what is missing for production, and the line to add

  holdfast lab --help, runs --help      their options
  holdfast --version
`

interface Output {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
}

/** Runs one command line and returns its exit code. */
export async function runCommand(
  [command, ...rest]: readonly string[],
  io: Output,
): Promise<number> {
  switch (command) {
    case 'lab':
      return labCommand(rest, io)
    case 'runs':
    case 'show':
    case 'replay':
    case 'resolve':
    case 'prune':
    case 'export':
    case 'import':
    case 'rekey': {
      const { journalCommand } = await import('./journal/journal-command.ts')
      return journalCommand(command, rest, io)
    }
    case 'approvals': {
      const { approvalsCommand } = await import('./approvals/approvals-command.ts')
      return approvalsCommand(rest, io)
    }
    case 'memory': {
      const { memoryCommand } = await import('./memory/memory-command.ts')
      return memoryCommand(rest, io)
    }
    case 'audit': {
      const { auditCommand } = await import('./audit/audit-command.ts')
      return auditCommand(rest, io)
    }
    case 'doctor': {
      const { doctorCommand } = await import('./doctor/doctor-command.ts')
      return doctorCommand(rest, io)
    }
    case '--version':
    case '-v':
      io.stdout.write(`${version()}\n`)
      return 0
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      io.stdout.write(help)
      return 0
    default:
      io.stderr.write(
        `holdfast: there is no command ${JSON.stringify(command)}; commands: lab, runs, show, replay, resolve, prune, export, import, rekey, approvals, memory, audit, doctor\n`,
      )
      return 2
  }
}

function version(): string {
  const manifest = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string }
  return manifest.version
}
