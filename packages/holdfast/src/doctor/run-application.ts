import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProcessFacts } from './facts.ts'

export interface ApplicationRun {
  readonly processes: readonly ProcessFacts[]
  /** Undefined where it was still at work and was ended. */
  readonly exitCode: number | undefined
}

const killAfterMs = 2_000

/**
 * Runs an application for a moment, under Holdfast with its own options and with nothing changed, and tells what its
 * processes have seen. One that is still at work then is ended.
 */
export async function runApplication(
  args: readonly string[],
  forMs: number,
): Promise<ApplicationRun> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'))
  try {
    const child = spawn(
      process.execPath,
      [...process.execArgv, '--import', import.meta.resolve('holdfast/auto'), ...args],
      // What it prints is its own; the doctor's words alone are on stdout.
      { stdio: ['ignore', 2, 2], env: { ...process.env, HOLDFAST_DOCTOR: folder } },
    )
    const ended = once(child, 'exit') as Promise<[number | null]>
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      child.kill('SIGTERM')
    }, forMs)
    const killer = setTimeout(() => child.kill('SIGKILL'), forMs + killAfterMs)
    const [code] = await ended
    clearTimeout(timer)
    clearTimeout(killer)
    // One that is not written to its end has another name.
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    const processes = names.map(
      (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ProcessFacts,
    )
    return { processes, exitCode: isOver ? undefined : (code ?? undefined) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
