import { readFileSync } from 'node:fs'
import { labCommand } from '@holdfast/lab'

const help = `holdfast: takes AI agents from demo to production

  node --import holdfast/auto app.js    your agent, held fast
  holdfast lab                          a model provider on a bad day, to point an agent at

  holdfast lab --help                   its options
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
      io.stderr.write(`holdfast: there is no command ${JSON.stringify(command)}; commands: lab\n`)
      return 2
  }
}

function version(): string {
  const manifest = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string }
  return manifest.version
}
