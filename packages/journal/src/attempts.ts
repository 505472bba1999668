import type { CallEvent } from '@holdfast/core'
import type { RecordedAttempt } from './record/entries.ts'
import { rounded, roundedText, untilNumber } from './record/json-text.ts'

type Start = Extract<CallEvent, { readonly type: 'attempt-start' }>
type End = Extract<CallEvent, { readonly type: 'attempt-end' | 'attempt-failed' }>

interface Attempt {
  readonly start: Start
  end: End | undefined
}

/** Takes note of the requests that a call sends, and tells what happens to it further out. */
export class Attempts {
  readonly #tell: (event: CallEvent) => void
  #first: Attempt | undefined
  #others: Attempt[] | undefined
  /** The JSON of the first, up to its time. */
  #who: string | undefined

  constructor(tell: (event: CallEvent) => void) {
    this.#tell = tell
  }

  readonly emit = (event: CallEvent): void => {
    if (event.type === 'attempt-start') {
      const attempt = { start: event, end: undefined }
      if (this.#first === undefined) this.#first = attempt
      else (this.#others ??= []).push(attempt)
    } else if (event.type === 'attempt-end' || event.type === 'attempt-failed') {
      this.#ended(event)
    }
    this.#tell(event)
  }

  /** Makes ready what is known once the first has gone out. */
  prepare(): void {
    if (this.#first !== undefined) this.#who = whoText(this.#first.start)
  }

  list(): readonly RecordedAttempt[] {
    return this.#all().map(attemptOf)
  }

  /** The list as JSON. Most calls are answered at once: that is put together by hand. */
  json(): string {
    const first = this.#first
    const end = first?.end
    if (first === undefined || end?.type !== 'attempt-end' || this.#others !== undefined) {
      return JSON.stringify(this.list())
    }
    const who = this.#who ?? whoText(first.start)
    return `[${who}${roundedText(end.atMs - first.start.atMs)},"status":${end.status}}]`
  }

  #ended(event: End): void {
    const isOf = ({ start }: Attempt): boolean => start.attempt === event.attempt
    const attempt = this.#others?.findLast(isOf) ?? this.#first
    if (attempt !== undefined && isOf(attempt)) attempt.end = event
  }

  #all(): Attempt[] {
    return this.#first === undefined ? [] : [this.#first, ...(this.#others ?? [])]
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

function attemptOf({ start, end }: Attempt): RecordedAttempt {
  const { provider, host, model, atMs } = start
  if (end === undefined) return { provider, host, model }
  const tookMs = rounded(end.atMs - atMs)
  return end.type === 'attempt-end'
    ? { provider, host, model, tookMs, status: end.status }
    : { provider, host, model, tookMs, fault: end.fault, possiblyBilled: end.possiblyBilled }
}
