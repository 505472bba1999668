import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'

/** An OpenClaw with a home of its own. */
export interface OpenClaw {
  /** Where it is installed. */
  readonly installed: string
  readonly home: string
  /** The Node that runs it. @default the one that runs this */
  readonly node?: string
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Sets it up as a person would: one model, spoken to as OpenAI is. */
export async function setUp(claw: OpenClaw, baseUrl: string): Promise<void> {
  mkdirSync(claw.home, { recursive: true, mode: 0o700 })
  const provider = ['--auth-choice', 'custom-api-key', '--custom-compatibility', 'openai']
  const model = ['--custom-base-url', baseUrl, '--custom-model-id', 'gpt-4o-mini']
  const without = ['daemon', 'health', 'channels', 'skills', 'search'].map((part) =>
    part === 'daemon' ? '--no-install-daemon' : `--skip-${part}`,
  )
  const flags = ['--non-interactive', '--accept-risk', '--mode', 'local', '--json']
  const { code, stderr } = await run(claw, [
    'onboard',
    ...flags,
    ...provider,
    ...model,
    '--custom-api-key',
    'any',
    ...without,
  ])
  if (code !== 0) throw new Error(`openclaw onboard ended with ${code}: ${stderr}`)
}

/** One turn of its main agent, in a session. */
export function turn(
  claw: OpenClaw,
  { session, message }: { readonly session: string; readonly message: string },
  env: Readonly<Record<string, string>>,
  onStderr?: (text: string) => void,
): Promise<Ended> {
  const key = ['--session-key', `agent:main:${session}`]
  return run(claw, ['agent', '--local', ...key, '--message', message, '--json'], { env, onStderr })
}

/** Ends all processes that a turn has started, at once. They are known by their home, which nobody else has. Linux only. */
export function kill({ home }: Pick<OpenClaw, 'home'>): void {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
      if (environment.includes(`HOME=${home}`)) process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It is somebody else's, or over.
    }
  }
}

/** What its commands are started with: nothing of whoever starts them but the way to programs. */
export function environmentOf({ installed, home, node = process.execPath }: OpenClaw): {
  readonly PATH: string
  readonly HOME: string
} {
  const bin = join(installed, 'node_modules/.bin')
  return { PATH: [dirname(node), bin, process.env['PATH']].join(delimiter), HOME: home }
}

async function run(
  claw: OpenClaw,
  args: readonly string[],
  {
    env = {},
    onStderr,
  }: {
    readonly env?: Readonly<Record<string, string>>
    readonly onStderr?: ((text: string) => void) | undefined
  } = {},
): Promise<Ended> {
  const child = spawn(join(claw.installed, 'node_modules/.bin/openclaw'), args, {
    cwd: claw.home,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    env: { ...environmentOf(claw), ...env },
  })
  if (onStderr !== undefined) child.stderr.setEncoding('utf8').on('data', onStderr)
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}
