import { Recent } from '../../recent.ts'
import type { CapLine } from './cap-lines.ts'

/** Since when each scope is at work, as far as this process has seen. */
export class WallClocks {
  readonly #startedAtMs = new Recent<number>(50_000)
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Milliseconds since its first call, or since its period began. */
  elapsedMs({ key, cap: { periodMs } }: CapLine): number {
    const now = this.#now()
    const startedAtMs = this.#startedAtMs.take(key, () => now)
    return now - Math.max(startedAtMs, periodMs === undefined ? 0 : now - (now % periodMs))
  }
}
