import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The version that is tested. */
export const openClawVersion = '2026.9.6'

/**
 * OpenClaw of that version from the npm registry, in a folder of its own that later calls find again (650 MB).
 * Returns the folder.
 * @throws where the registry cannot be reached
 */
export function installOpenClaw(version: string = openClawVersion): string {
  const folder = join(tmpdir(), `holdfast-openclaw-${version}`)
  const done = join(folder, '.installed')
  if (existsSync(done) && readFileSync(done, 'utf8') === version) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const { status } = spawnSync('npm', ['install', `openclaw@${version}`, ...flags], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    timeout: 600_000,
  })
  if (status !== 0) throw new Error(`npm could not install openclaw@${version}`)
  writeFileSync(done, version)
  return folder
}
