import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How an application ended. */
export interface Ended {
  readonly code: number | null
  readonly output: string
  readonly tookMs: number
}

/** Runs an application in a process of its own: one call of a model inside a run, then it simply ends. */
export async function runApplication(env: Record<string, string>, argument = '{}'): Promise<Ended> {
  const file = fileURLToPath(new URL('./application.ts', import.meta.url))
  const startedAtMs = performance.now()
  const child = spawn(process.execPath, ['--conditions=@holdfast/source', file, argument], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text: Buffer) => (output += text.toString()))
  child.stderr.on('data', (text: Buffer) => (output += text.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output, tookMs: performance.now() - startedAtMs }
}
