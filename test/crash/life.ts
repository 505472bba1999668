import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { kill as killOpenClaw } from '../openclaw/open-claw.ts'
import type { Job } from './job.ts'
import { jobVariable } from './job.ts'
import { containerOf } from './openclaw/container.ts'

/** How a process of an agent ended. */
export interface Death {
  readonly end: 'done' | 'killed' | 'failed' | 'hung'
  /** How long it worked, its start left out. */
  readonly workedMs: number
  readonly startedMs: number
  readonly stderr: string
}

export interface LifeOptions {
  readonly job: Job
  /** Kills the process so long after it began to work. */
  readonly killAfterMs?: number
  readonly compileCache: string
  /** Told the process id when the work begins. */
  readonly onReady?: (pid: number) => void
  /** No file of the process may grow beyond that: what a full disk is where none can be mounted. */
  readonly mostFileBytes?: number
  /** @default 60_000, three times that for OpenClaw, which starts slowly */
  readonly hangAfterMs?: number
}

const entry = fileURLToPath(new URL('agent/main.ts', import.meta.url))

/** Runs an agent's process until it ends or is killed. */
export async function live(options: LifeOptions): Promise<Death> {
  const { job, killAfterMs, compileCache, onReady, mostFileBytes } = options
  // OpenClaw is many processes, and they are known by their home.
  const home = job.cell.agent === 'openclaw' ? containerOf(job) : undefined
  const { hangAfterMs = home === undefined ? 60_000 : 180_000 } = options
  const beganMs = performance.now()
  let readyMs: number | undefined
  let killing: NodeJS.Timeout | undefined
  let hung = false
  let stderr = ''
  const command = [process.execPath, '--conditions=@holdfast/source', '--no-warnings', entry]
  const [file = '', ...args] =
    mostFileBytes === undefined ? command : limited(command, mostFileBytes)
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      NODE_COMPILE_CACHE: compileCache,
      KAIBAN_TELEMETRY_OPT_OUT: '1',
      [jobVariable]: JSON.stringify(job),
      ...(home === undefined ? {} : { HOME: home }),
    },
  })
  const kill = (): void => {
    if (home === undefined) child.kill('SIGKILL')
    else killOpenClaw({ home })
  }
  const hang = setTimeout(() => {
    hung = true
    kill()
  }, hangAfterMs)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (readyMs !== undefined || !text.includes('ready\n')) return
    readyMs = performance.now()
    onReady?.(child.pid ?? 0)
    if (killAfterMs !== undefined) killing = setTimeout(kill, killAfterMs)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // The end of it says why.
    stderr = (stderr + text).slice(-4_000)
  })
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.once('error', reject)
      child.once('close', (exitCode, exitSignal) => resolve([exitCode, exitSignal]))
    },
  )
  clearTimeout(hang)
  clearTimeout(killing)
  // What it started may have outlived it.
  if (home !== undefined) kill()
  const endedMs = performance.now()
  return {
    end: hung ? 'hung' : code === 0 ? 'done' : signal === 'SIGKILL' ? 'killed' : 'failed',
    workedMs: endedMs - (readyMs ?? endedMs),
    startedMs: (readyMs ?? endedMs) - beganMs,
    stderr,
  }
}

/** The same command in a shell that limits it; the signal that comes with the limit is ignored, so writes fail. */
function limited(command: readonly string[], mostFileBytes: number): string[] {
  // POSIX counts in blocks of 512 bytes. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ulimit.html (2026-11-21)
  const blocks = Math.ceil(mostFileBytes / 512)
  return ['sh', '-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, 'sh', ...command]
}
