import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What agents said and did is nothing to be committed by mistake. */
export function keepOutOfGit(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
    writeFileSync(join(folder, '.gitignore'), '*\n', { mode: 0o600 })
  } catch {
    // It is there already; whether it can be used the store tells.
  }
}
