import type { CallEvent } from '@holdfast/core'
import type { RecordedAttempt } from './record/entries.ts'
import { rounded, roundedText, untilNumber } from './record/json-text.ts'

type Start = Extract<CallEvent, { readonly type: 'attempt-start' }>
type End = Extract<CallEvent, { readonly type: 'attempt-end' | 'attempt-failed' }>

/** Takes note of the requests that a call sends, and tells what happens to it further out. */
export class Attempts {
  readonly #tell: (event: CallEvent) => void
  readonly #starts: Start[] = []
  readonly #ends: (End | undefined)[] = []

  constructor(tell: (event: CallEvent) => void) {
    this.#tell = tell
  }

  readonly emit = (event: CallEvent): void => {
    if (event.type === 'attempt-start') {
      this.#starts.push(event)
      this.#ends.push(undefined)
    } else if (event.type === 'attempt-end' || event.type === 'attempt-failed') {
      const index = this.#starts.findLastIndex(({ attempt }) => attempt === event.attempt)
      if (index >= 0) this.#ends[index] = event
    }
    this.#tell(event)
  }

  list(): readonly RecordedAttempt[] {
    return this.#starts.map((start, index) => attemptOf(start, this.#ends[index]))
  }

  /** The list as JSON. Most calls are answered at once: that is put together by hand. */
  json(): string {
    const [start] = this.#starts
    const [end] = this.#ends
    if (this.#starts.length !== 1 || start === undefined || end?.type !== 'attempt-end') {
      return JSON.stringify(this.list())
    }
    return `[${whoText(start)}${roundedText(end.atMs - start.atMs)},"status":${end.status}}]`
  }
}

let latest: { readonly start: Start; readonly text: string } | undefined

/** Who was asked, which is the same for most calls, up to the time that it took. */
function whoText(start: Start): string {
  const { provider, host, model } = start
  const before = latest?.start
  if (
    latest === undefined ||
    before?.provider !== provider ||
    before.host !== host ||
    before.model !== model
  ) {
    latest = { start, text: untilNumber({ provider, host, model, tookMs: 0 }) }
  }
  return latest.text
}

function attemptOf({ provider, host, model, atMs }: Start, end: End | undefined): RecordedAttempt {
  if (end === undefined) return { provider, host, model }
  const tookMs = rounded(end.atMs - atMs)
  return end.type === 'attempt-end'
    ? { provider, host, model, tookMs, status: end.status }
    : { provider, host, model, tookMs, fault: end.fault, possiblyBilled: end.possiblyBilled }
}
