import { execFileSync } from 'node:child_process'
import { bootstrapMedian } from './statistics.ts'
import type { Estimate } from './statistics.ts'

/** What `import 'holdfast'` adds to the start of a process, in milliseconds: paired whole processes. */
export function importTimeMs(rounds = 25): Estimate {
  const bare = 'const at = performance.now(); console.log(performance.now() - at)'
  const held =
    "const at = performance.now(); await import('holdfast'); console.log(performance.now() - at)"
  const once = (code: string) =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
        cwd: import.meta.dirname,
        encoding: 'utf8',
      }),
    )
  once(held)
  return bootstrapMedian(Array.from({ length: rounds }, () => once(held) - once(bare)))
}
