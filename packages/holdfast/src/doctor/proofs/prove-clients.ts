import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startLab } from '@holdfast/lab'
import type { LoadedPackage } from './loaded-packages.ts'
import type { ClientProof, Proving } from './prove.ts'

/** Variables that a Node process needs; options of Holdfast and keys are not among them. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot']

/**
 * Makes one call with each of these clients, in a process of its own under `holdfast/auto`, against a provider of our
 * own on this machine: nothing leaves it.
 */
export async function proveClients(
  clients: readonly LoadedPackage[],
): Promise<readonly ClientProof[]> {
  if (clients.length === 0) return []
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-proof-'))
  await using lab = await startLab({ script: () => ({ text: 'Yes.' }) })
  try {
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        '--import',
        import.meta.resolve('holdfast/auto'),
        fileURLToPath(import.meta.resolve('#doctor-prove')),
      ],
      {
        // Where no configuration is.
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...Object.fromEntries(passedOn.map((name) => [name, process.env[name]])),
          HOLDFAST_PROVING: JSON.stringify({ clients, urls: lab.baseUrls } satisfies Proving),
        },
      },
    )
    const [output, errors] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    const told = output.trim().split('\n').at(-1) ?? ''
    try {
      return JSON.parse(told) as ClientProof[]
    } catch {
      const why = errors.trim().split('\n').at(0) ?? 'nothing was said'
      return clients.flatMap(({ name, version, modules }) =>
        modules.map((how) => ({ name, version, modules: how, caught: false, why })),
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
