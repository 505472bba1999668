import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** Where the applications are. */
export const fixtures: string = join(import.meta.dirname, 'fixtures')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs Node with these arguments, in the folder of the applications; the one that runs this, where no other is named. */
export async function node(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  executable: string = process.execPath,
): Promise<Ended> {
  const child = spawn(executable, ['--conditions=@holdfast/source', ...args], {
    cwd: fixtures,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  })
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}
