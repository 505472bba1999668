import type { Run } from '@holdfast/core'
import { Past } from './past.ts'

const mostRuns = 200
const mostForgotten = 50_000

/** What happened in the runs of this process. */
export class Pasts {
  readonly #byRun = new Map<string, Past>()
  /** Runs that were let go: should they go on, not all of what they did is known. */
  readonly #forgotten = new Set<string>()
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
    const past = this.#byRun.get(id) ?? this.#begin(id)
    this.#byRun.delete(id)
    this.#byRun.set(id, past)
    if (this.#byRun.size > mostRuns) {
      const [oldest] = this.#byRun.keys()
      if (oldest !== undefined) this.#forget(oldest)
    }
    return past
  }

  #begin(id: string): Past {
    const past = new Past()
    past.lost = this.#forgotten.has(id)
    return past
  }

  #forget(id: string): void {
    this.#byRun.delete(id)
    this.#forgotten.add(id)
    if (this.#forgotten.size > mostForgotten) {
      const [oldest] = this.#forgotten
      if (oldest !== undefined) this.#forgotten.delete(oldest)
    }
  }
}
