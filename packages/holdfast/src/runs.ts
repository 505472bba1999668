import { childRun, currentRun, enterRun, rootRun } from '@holdfast/core'
import type { Run, RunOptions } from '@holdfast/core'
import type { RunHint } from './adapters/adapter.ts'

/** Wraps the work of a run: telemetry opens a span around it, the journal ends it. `named`: its id was given to it. */
export type AroundRun = <T>(run: Run, named: boolean, work: () => T) => T

const mostKnown = 1_000

/** Which run the current code belongs to: an explicit one, else the one a framework names. */
export class Runs {
  readonly #identify: () => RunHint | undefined
  readonly #around: AroundRun
  readonly #usual: RunOptions | undefined
  /** Runs that only a framework's own key tells apart, newest last. */
  readonly #byKey = new Map<string, Run>()
  #process: Run | undefined

  constructor(options: {
    identify: () => RunHint | undefined
    around: AroundRun
    usual?: RunOptions | undefined
  }) {
    this.#identify = options.identify
    this.#around = options.around
    this.#usual = options.usual
  }

  /** Calls `work` inside a new run. */
  run<T>(options: RunOptions, work: () => T): T {
    const run = childRun({ ...this.#usual, ...options })
    return enterRun(run, () => this.#around(run, options.id !== undefined, work))
  }

  /** The same for a framework's run: work that is inside of it already stays there. */
  runHinted<T>({ key, apart = false, ...hint }: RunHint, work: () => T): T {
    const options = said(hint)
    const current = currentRun()
    if (key !== undefined) {
      for (let run = current; run !== undefined; run = run.parent) {
        if (run === this.#byKey.get(key)) return work()
      }
    }
    const run = (apart ? rootRun : childRun)({ ...this.#usual, ...options })
    if (key !== undefined) this.#remember(key, run)
    return enterRun(run, () => this.#around(run, options.id !== undefined, work))
  }

  /** Where nobody opened a run and no framework names one, calls have none unless the options say whose they are. */
  current(): Run | undefined {
    const current = currentRun()
    if (current !== undefined) return current
    const hint = this.#identify()
    if (hint === undefined) {
      return this.#usual === undefined ? undefined : (this.#process ??= childRun(this.#usual))
    }
    const { key, ...options } = hint
    const known = key === undefined ? undefined : this.#byKey.get(key)
    if (known !== undefined) return known
    const run = childRun({ ...this.#usual, ...said(options) })
    if (key !== undefined) this.#remember(key, run)
    return run
  }

  #remember(key: string, run: Run): void {
    this.#byKey.set(key, run)
    if (this.#byKey.size > mostKnown) {
      const [oldest] = this.#byKey.keys()
      if (oldest !== undefined) this.#byKey.delete(oldest)
    }
  }
}

function said(hint: Omit<RunHint, 'key' | 'apart'>): RunOptions {
  return Object.fromEntries(
    Object.entries(hint).filter(([, value]) => typeof value === 'string' && value !== ''),
  )
}
