import { errorWord, HoldfastError, watchReply } from '@holdfast/core'
import type { JournalBlob, LlmCall, LlmReply } from '@holdfast/core'
import { Attempts } from './attempts.ts'
import { entryText, requestText } from './record/entry-text.ts'
import type { RequestText } from './record/entry-text.ts'
import { rounded } from './record/json-text.ts'
import { askedText, factsOf, llmRecordText } from './record/llm-record-text.ts'
import { RecordingReply } from './recording-reply.ts'
import { bodyText, requestOf } from './request/conversations.ts'
import type { AskedRequest } from './request/conversations.ts'
import type { InCommon } from './request/earlier-requests.ts'
import { recordRequest } from './request/recorded-request.ts'
import type { JoinedRuns } from './run/joined-runs.ts'
import type { Place } from './run/journaled-runs.ts'
import type { Settings } from './run/settings.ts'
import { WholeReplyWatch } from './whole-reply.ts'
import type { Recorder, WholeReply } from './whole-reply.ts'

/** What the journal says of itself when it cannot keep a record: the call goes on without. */
export type Alarm = (error: unknown) => void

/** What the calls of a journal have in common. */
export interface Journaling {
  readonly settings: Settings
  readonly joined: JoinedRuns | undefined
  readonly alarm: Alarm
}

/** A request no longer than that is written down as it is: looking for what is new in it would take longer. */
const shortRequest = 2_048

/** Where a call stands among those of its run, and what was read of its request already. */
export interface MadeWhere {
  readonly place: Place
  readonly ordinal: number
  readonly asked: AskedRequest | undefined
}

/** What is written of a request. */
interface Asked {
  readonly text: RequestText
  readonly blobs: readonly JournalBlob[]
}

/** A call that goes upstream: what it asks, what happens to it, and in the end the record of that. */
export class MadeCall implements Recorder {
  readonly attempts: Attempts
  readonly #call: LlmCall
  readonly #where: MadeWhere
  readonly #journaling: Journaling
  readonly #startedAt = performance.now()
  /** The run is not over before it is. */
  #isOver = false
  readonly #isShort: boolean
  #body = ''
  #common: InCommon | undefined
  #prepared: Asked | undefined

  constructor(call: LlmCall, where: MadeWhere, journaling: Journaling) {
    this.#call = call
    this.#where = where
    this.#journaling = journaling
    this.attempts = new Attempts(call.emit)
    this.#isShort = (call.http.body?.length ?? 0) <= shortRequest
    where.place.run.begin()
  }

  /** Writes down what is asked, once: while the provider is at it, as far as it can be. */
  prepare(): Asked {
    if (this.#prepared !== undefined) return this.#prepared
    const call = this.#call
    const { place, ordinal, asked } = this.#where
    const { run, scope } = place
    this.#body = asked?.text ?? bodyText(call.http.body)
    if (!this.#isShort) this.#common = run.requests.inCommon(this.#body)
    const { request, blobs } = recordRequest(this.#body, this.#common, run.blobs)
    // The next one may go on from it.
    if (call.run === undefined && asked === undefined) run.conversations.read(requestOf(call))
    const text = askedText({ call, scope, ordinal }, requestText(request))
    this.attempts.prepare()
    return (this.#prepared = { text, blobs })
  }

  /** The same reply, written down before the last of it is handed up. */
  recorded(reply: LlmReply): LlmReply {
    return reply.streaming
      ? new RecordingReply(reply, this)
      : watchReply(reply, new WholeReplyWatch(reply, this), this.#journaling.alarm)
  }

  record(whole: WholeReply): Promise<void> | undefined {
    try {
      const { text, blobs } = this.prepare()
      const { usage, bytes } = whole
      const record = llmRecordText(text, whole, {
        attempts: this.attempts,
        costUsd: usage && this.#journaling.settings.costOf?.(this.#call, usage),
        tookMs: performance.now() - this.#startedAt,
      })
      const written = this.#where.place.run.record('llm', record, bytes, blobs)
      if (typeof written !== 'number') {
        return written
          .then((seq) => this.#writtenAs(seq, whole), this.#journaling.alarm)
          .finally(() => this.#over())
      }
      this.#writtenAs(written, whole)
    } catch (error) {
      this.#journaling.alarm(error)
    }
    this.#over()
    return undefined
  }

  lost({ status }: LlmReply, error: unknown): void {
    this.failed(error === undefined ? 'incomplete' : nameOf(error), status)
  }

  /** It was not answered. A note for people: nothing depends on it. */
  failed(error: string, status?: number): void {
    this.#over()
    const { place, ordinal } = this.#where
    try {
      const text = entryText('llm-failed', {
        scope: place.scope,
        ordinal,
        ...factsOf(this.#call),
        attempts: this.attempts.list(),
        error,
        status,
        tookMs: rounded(performance.now() - this.#startedAt),
      })
      const written = place.run.record('llm-failed', text)
      if (typeof written !== 'number') written.catch(() => {})
    } catch {
      // As if it had not happened.
    }
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#where.place.run.over()
  }

  #writtenAs(seq: number, { toolCalls }: WholeReply): void {
    const { place, asked } = this.#where
    const { run } = place
    asked?.recordedAs(seq)
    if (!this.#isShort) run.requests.add(seq, this.#body, this.#common)
    const blobs = this.#prepared?.blobs
    if (blobs !== undefined) for (const { hash } of blobs) run.blobs.add(hash)
    if (this.#call.run === undefined) this.#journaling.joined?.replied(run, toolCalls)
  }
}

/** What a note for people calls an error: never what it says. */
export function nameOf(error: unknown): string {
  if (HoldfastError.is(error)) return error.code
  return error instanceof Error ? (errorWord(error.name) ?? 'Error') : typeof error
}
