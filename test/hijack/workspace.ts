import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder with the agents' workspace and the notes of what they did. */
export interface Workspace extends Disposable {
  readonly root: string
  readonly notes: string
}

/** Makes one; where it is to be kept it is made there. */
export function makeWorkspace(keep?: string): Workspace {
  const folder = mkdtempSync(join(keep ?? tmpdir(), 'holdfast-hijack-'))
  const root = join(folder, 'workspace')
  mkdirSync(join(root, 'src'), { recursive: true })
  writeFileSync(join(root, 'src/index.ts'), '')
  // It leads out, as in the cases.
  symlinkSync('/', join(root, 'link-to-root'))
  return {
    root,
    notes: folder,
    [Symbol.dispose]() {
      if (keep === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}
