import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { bootstrapMedian, median } from './statistics.ts'
import type { Estimate } from './statistics.ts'

/** What `import 'holdfast'` adds to the start of a process, in milliseconds: paired whole processes. */
export function importTimeMs(rounds = 25): Estimate {
  const bare = 'const at = performance.now(); console.log(performance.now() - at)'
  const held =
    "const at = performance.now(); await import('holdfast'); console.log(performance.now() - at)"
  const once = (code: string) => Number(evaluate(code))
  once(held)
  return bootstrapMedian(Array.from({ length: rounds }, () => once(held) - once(bare)))
}

export interface PreloadTime {
  /** What importing the framework takes without Holdfast. */
  readonly ownMs: number
  /** What `--import holdfast/auto` adds to a process that does nothing else. */
  readonly addedMs: Estimate
}

/** The cost of `--import holdfast/auto`: whole processes from start to exit, with and without it in turn. */
export function preloadTime(framework?: string, rounds = 21): PreloadTime {
  const code = framework === undefined ? '' : `await import('${framework}')`
  const took = (...given: Parameters<typeof evaluate>) => {
    const startedAt = performance.now()
    evaluate(...given)
    return performance.now() - startedAt
  }
  const auto = ['--import', 'holdfast/auto']
  took(code, auto)
  const times = Array.from({ length: rounds }, (_, round) => {
    const empty = took('')
    // Whoever comes second finds more in the machine's caches.
    const [first, second] = round % 2 === 0 ? [[], auto] : [auto, []]
    const times = [took(code, first), took(code, second)]
    const [bare = 0, held = 0] = round % 2 === 0 ? times : times.toReversed()
    return { ownMs: bare - empty, addedMs: held - bare }
  })
  return {
    ownMs: median(times.map(({ ownMs }) => ownMs)),
    addedMs: bootstrapMedian(times.map(({ addedMs }) => addedMs)),
  }
}

/** Runs a module in a process of its own, where the frameworks are installed. */
function evaluate(code: string, flags: readonly string[] = []): string {
  return execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', code], {
    cwd: join(import.meta.dirname, '../../test'),
    encoding: 'utf8',
  })
}
