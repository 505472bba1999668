import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Note } from './preload/note.ts'

/** How an agent's process ended, and what it said. */
export interface AgentEnd {
  readonly atMs: number
  readonly exitCode: number | null
  /** It had to be stopped. */
  readonly stopped: boolean
  readonly stdout: string
  readonly stderr: string
  readonly notes: readonly Note[]
}

export interface AgentStart {
  /** Its file in the folder's agents/. */
  readonly agent: string
  /** @default this folder */
  readonly folder?: string
  readonly arguments?: readonly string[]
  readonly holdfast: boolean
  readonly env: Readonly<Record<string, string>>
  /** Aborted: the process is stopped. */
  readonly signal: AbortSignal
}

const ownFolder = fileURLToPath(new URL('.', import.meta.url))
// The sources run as they are, and so does the build: preloads and agents have the same extension as this file.
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/**
 * Runs an agent in a process of its own. With Holdfast and without it is the same file and the same environment; the
 * one difference is `--import holdfast/auto`.
 */
export async function runAgentProcess({
  agent,
  folder = ownFolder,
  arguments: given = [],
  holdfast,
  env,
  signal,
}: AgentStart): Promise<AgentEnd> {
  const args = [
    ...process.execArgv.filter((argument) => argument.startsWith('--conditions=')),
    ...imports('./preload/watch-connections'),
    ...(holdfast ? ['--import', 'holdfast/auto'] : []),
    `agents/${agent}${extension}`,
    ...given,
  ]
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...systemEnv(), ...quiet, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let told = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdio[3]?.on('data', (bytes: Buffer) => (told += bytes.toString('utf8')))
  // Killed for good: one of the frameworks answers SIGTERM with a tidy exit code 0.
  const stop = (): boolean => child.kill('SIGKILL')
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  let atMs = 0
  child.once('exit', () => (atMs = performance.timeOrigin + performance.now()))

  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  signal.removeEventListener('abort', stop)
  return {
    atMs,
    exitCode,
    stopped: signal.aborted,
    stdout: stdout.trim(),
    stderr,
    notes: told
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Note),
  }
}

/** Nothing of these agents leaves the machine on its own account. */
const quiet = { KAIBAN_TELEMETRY_OPT_OUT: '1', OPENAI_AGENTS_DISABLE_TRACING: '1' }

/** What any process needs; keys, proxies and tracing of the terminal stay out. */
function systemEnv(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'LANG']
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function imports(file: string): string[] {
  return ['--import', new URL(file + extension, import.meta.url).href]
}
