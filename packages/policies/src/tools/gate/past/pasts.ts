import type { Run } from '@holdfast/core'
import { Past } from './past.ts'

const mostRuns = 1000

/** What happened in the runs of this process. */
export class Pasts {
  readonly #byRun = new Map<string, Past>()
  /** For calls of functions that belong to no run: everything in this process that belongs to none. */
  readonly outside: Past = new Past()

  /** The pasts of a run and of those it was started by, the nearest first. */
  of(run: Run): readonly Past[] {
    const pasts: Past[] = []
    for (let one: Run | undefined = run; one !== undefined; one = one.parent) {
      pasts.push(this.#one(one.id))
    }
    return pasts
  }

  #one(id: string): Past {
    const past = this.#byRun.get(id) ?? new Past()
    this.#byRun.delete(id)
    this.#byRun.set(id, past)
    if (this.#byRun.size > mostRuns) {
      const [oldest] = this.#byRun.keys()
      if (oldest !== undefined) this.#byRun.delete(oldest)
    }
    return past
  }
}
