import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fixtures } from './run-application.ts'

/**
 * The applications once more in a folder of their own, with other versions of their frameworks from the registry.
 * Undefined, and said on stderr, where the registry cannot be reached.
 */
export async function installApplications(
  versions: Readonly<Record<string, string>>,
): Promise<{ readonly folder: string; remove(): Promise<void> } | undefined> {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-applications-'))
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true })
  const folder = join(root, 'applications')
  await cp(fixtures, folder, { recursive: true })
  const first = { 'holdfast-first': 'holdfast/auto', default: './applications/nothing.mjs' }
  const manifest = { private: true, imports: { '#holdfast-first': first }, dependencies: versions }
  await writeFile(join(root, 'package.json'), JSON.stringify(manifest))
  try {
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps']
    await promisify(execFile)('npm', ['install', ...flags], { cwd: root, timeout: 240_000 })
  } catch (error) {
    console.error(`NOT RUN with ${JSON.stringify(versions)}: ${(error as Error).message}`)
    await remove()
    return undefined
  }
  await mkdir(join(root, 'node_modules'), { recursive: true })
  await symlink(
    fileURLToPath(new URL('../../packages/holdfast', import.meta.url)),
    join(root, 'node_modules/holdfast'),
  )
  return { folder, remove }
}
