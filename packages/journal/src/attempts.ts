import type { CallEvent } from '@holdfast/core'
import type { RecordedAttempt } from './record/entries.ts'

/** Takes note of the requests that a call sends, and tells what happens to it further out. */
export class Attempts {
  readonly #tell: (event: CallEvent) => void
  readonly #list: RecordedAttempt[] = []
  readonly #starts: { readonly attempt: number; readonly atMs: number }[] = []

  constructor(tell: (event: CallEvent) => void) {
    this.#tell = tell
  }

  readonly emit = (event: CallEvent): void => {
    switch (event.type) {
      case 'attempt-start': {
        const { attempt, provider, host, model, atMs } = event
        this.#starts.push({ attempt, atMs })
        this.#list.push({ provider, host, model })
        break
      }
      case 'attempt-end':
      case 'attempt-failed': {
        const index = this.#starts.findLastIndex(({ attempt }) => attempt === event.attempt)
        const start = this.#starts[index]
        const attempt = this.#list[index]
        if (start === undefined || attempt === undefined) break
        const tookMs = rounded(event.atMs - start.atMs)
        this.#list[index] =
          event.type === 'attempt-end'
            ? { ...attempt, tookMs, status: event.status }
            : { ...attempt, tookMs, fault: event.fault, possiblyBilled: event.possiblyBilled }
        break
      }
      default:
    }
    this.#tell(event)
  }

  list(): readonly RecordedAttempt[] {
    return this.#list
  }
}

/** Tenths of a millisecond. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
