import { isDeepStrictEqual } from 'node:util'
import type { AdapterHost } from 'holdfast'
import { decidedLaunch, rememberLaunch } from './connecting.ts'
import type { Launch } from './connecting.ts'
import { decidedEnvironment, shownEnvironment } from './shown-environment.ts'
import type { Environment } from './shown-environment.ts'

/** Where a transport keeps what it launches. */
const serverParams = '_serverParams'

interface Transport {
  [serverParams]?: Pick<Launch, 'command'> &
    Partial<Pick<Launch, 'args'>> & { readonly cwd?: string | URL; readonly env?: Environment }
}

type Start = (this: Transport) => Promise<void>

/** The tool by whose name the launch of a server process is decided about. */
const launch = {
  name: 'mcp.launch',
  framework: 'mcp',
  description: 'Runs a command as a process of its own, and talks MCP with it.',
  // That there is an environment says nothing of what kind of tool it is.
  parameters: {
    type: 'object',
    properties: {
      command: { type: 'string' },
      args: { type: 'array', items: { type: 'string' } },
      cwd: { type: 'string' },
    },
    required: ['command', 'args'],
  },
  // A process that was cut off with its client is gone.
  inDoubt: 'retry',
} as const

const launched = { launched: true }

/** A server that is a process of its own is launched by a tool call; without it, `connect()` fails. */
export function patchLaunch(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<Start>(
    host.prototypeOf(exports, 'StdioClientTransport'),
    'start',
    (original) =>
      async function start() {
        const server = this[serverParams]
        if (server === undefined) return original.call(this)
        const { command, args = [], cwd } = server
        // As it is now: what is shown is what is launched.
        const env = { ...server.env }
        const asked: Launch = {
          command,
          args: [...args],
          ...(cwd === undefined ? {} : { cwd: String(cwd) }),
          ...shownEnvironment(env),
        }
        const launchAs = (decided: Launch): Promise<void> => {
          rememberLaunch(asked, decided)
          const { cwd: place } = decided
          this[serverParams] = {
            ...server,
            command: decided.command,
            args: decided.args,
            // Nobody has changed it: it stays what it was, a URL among others.
            ...(place === undefined || place === asked.cwd ? {} : { cwd: place }),
            ...(server.env === undefined ? {} : { env: decidedEnvironment(env, asked, decided) }),
          }
          return original.call(this)
        }
        const before = decidedLaunch(asked)
        if (before !== undefined) return launchAs(before)

        let isStarted = false
        const answer = await host.tool({ ...launch, arguments: asked }, async (changed) => {
          isStarted = true
          await launchAs(changed === undefined ? asked : (changed.arguments as Launch))
          return launched
        })
        if (isStarted) return
        // A run that is gone on with has its record of the launch, and needs the process all the same.
        if (isDeepStrictEqual(answer, launched)) return launchAs(asked)
        throw refused(command, answer)
      },
  )
}

/** As HoldfastError.is knows it; adapters have no code of holdfast's. */
function refused(command: string, answer: unknown): Error {
  const why = typeof answer === 'string' ? answer : JSON.stringify(answer)
  return Object.assign(
    new Error(`[CALL_REFUSED] The MCP server "${command}" was not launched: ${why}`),
    { name: 'HoldfastError', code: 'CALL_REFUSED', retryable: false, isHoldfastError: true },
  )
}
