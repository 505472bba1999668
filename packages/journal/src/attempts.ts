import type { CallEvent } from '@holdfast/core'
import type { RecordedAttempt } from './record/entries.ts'

/** Takes note of the requests that a call sends, and tells what happens to it further out. */
export class Attempts {
  readonly #tell: (event: CallEvent) => void
  readonly #events: CallEvent[] = []

  constructor(tell: (event: CallEvent) => void) {
    this.#tell = tell
  }

  readonly emit = (event: CallEvent): void => {
    this.#events.push(event)
    this.#tell(event)
  }

  list(): RecordedAttempt[] {
    const attempts = new Map<number, RecordedAttempt>()
    const startedAt = new Map<number, number>()
    for (const event of this.#events) {
      if (event.type === 'attempt-start') {
        const { attempt, provider, host, model, atMs } = event
        attempts.set(attempt, { provider, host, model })
        startedAt.set(attempt, atMs)
      } else if (event.type === 'attempt-end' || event.type === 'attempt-failed') {
        const started = attempts.get(event.attempt)
        if (started === undefined) continue
        const tookMs = rounded(event.atMs - (startedAt.get(event.attempt) ?? event.atMs))
        attempts.set(
          event.attempt,
          event.type === 'attempt-end'
            ? { ...started, tookMs, status: event.status }
            : { ...started, tookMs, fault: event.fault, possiblyBilled: event.possiblyBilled },
        )
      }
    }
    return [...attempts.values()]
  }
}

/** Tenths of a millisecond. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
