import { errorWord, HoldfastError, watchReply } from '@holdfast/core'
import type { HttpHeaders, JournalBlob, LlmCall, LlmReply, Usage } from '@holdfast/core'
import { Attempts, rounded, roundedText } from './attempts.ts'
import { entryText, llmText, requestText } from './record/entry-text.ts'
import type { RequestText } from './record/entry-text.ts'
import { jsonText } from './record/json-text.ts'
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

/** Headers that are kept: they say what the reply is, and which one. Never an account, a key or a cookie. */
const keptHeaders = [
  'content-type',
  'request-id',
  'x-request-id',
  'apim-request-id',
  'x-amzn-requestid',
  'openai-version',
  'openai-processing-ms',
]

/** A request no longer than that is written down whole: looking for what is new in it would take longer. */
const shortRequest = 2_048

/** Where a call stands among those of its run, and what was read of its request already. */
export interface MadeWhere {
  readonly place: Place
  readonly ordinal: number
  readonly asked: AskedRequest | undefined
}

/** A call that goes upstream: what it asks, what happens to it, and in the end the record of that. */
export class MadeCall implements Recorder {
  readonly attempts: Attempts
  readonly #call: LlmCall
  readonly #where: MadeWhere
  readonly #journaling: Journaling
  readonly #startedAtMs = Date.now()
  readonly #startedAt = performance.now()
  /** The run is not over before it is. */
  readonly #done: () => void
  #body = ''
  #common: InCommon | undefined
  #request: { readonly text: RequestText; readonly blobs: readonly JournalBlob[] } | undefined

  constructor(call: LlmCall, where: MadeWhere, journaling: Journaling) {
    this.#call = call
    this.#where = where
    this.#journaling = journaling
    this.attempts = new Attempts(call.emit)
    this.#done = where.place.run.begin()
  }

  /** True where the request is worth reading while the provider is at it. */
  get isLong(): boolean {
    const { http, run } = this.#call
    return run === undefined || (http.body?.length ?? 0) > shortRequest
  }

  /** Reads the request, once. */
  prepare(): { readonly text: RequestText; readonly blobs: readonly JournalBlob[] } {
    if (this.#request !== undefined) return this.#request
    const call = this.#call
    const { place, asked } = this.#where
    const { run } = place
    this.#body = asked?.text ?? bodyText(call.http.body)
    if (this.#body.length > shortRequest) this.#common = run.requests.inCommon(this.#body)
    const { request, blobs } = recordRequest(this.#body, this.#common, run.blobs)
    // The next one may go on from it.
    if (call.run === undefined && asked === undefined) run.conversations.read(requestOf(call))
    return (this.#request = { text: requestText(request), blobs })
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
      const record = llmText(this.#json(whole), text)
      const written = this.#where.place.run.record('llm', record, whole.bytes, blobs)
      if (typeof written !== 'number') {
        return written
          .then((seq) => this.#writtenAs(seq, whole), this.#journaling.alarm)
          .finally(this.#done)
      }
      this.#writtenAs(written, whole)
    } catch (error) {
      this.#journaling.alarm(error)
    }
    this.#done()
    return undefined
  }

  lost({ status }: LlmReply, error: unknown): void {
    this.failed(error === undefined ? 'incomplete' : nameOf(error), status)
  }

  /** It was not answered. A note for people: nothing depends on it. */
  failed(error: string, status?: number): void {
    this.#done()
    const { place, ordinal } = this.#where
    try {
      const text = entryText('llm-failed', {
        scope: place.scope,
        ordinal,
        ...factsOf(this.#call),
        attempts: this.attempts.list(),
        error,
        startedAtMs: this.#startedAtMs,
        status,
        tookMs: rounded(performance.now() - this.#startedAt),
      })
      const written = place.run.record('llm-failed', text)
      if (typeof written !== 'number') written.catch(() => {})
    } catch {
      // As if it had not happened.
    }
  }

  #writtenAs(seq: number, { toolCalls }: WholeReply): void {
    const { place, asked } = this.#where
    const { run } = place
    asked?.recordedAs(seq)
    run.requests.add(seq, this.#body, this.#common)
    const blobs = this.#request?.blobs ?? []
    for (const { hash } of blobs) run.blobs.add(hash)
    this.#journaling.joined?.replied(run, toolCalls)
  }

  /**
   * The JSON of the record, all but its request and the brace behind that. Put together by hand, as it is made for every
   * call.
   */
  #json({ reply, usage, toolCalls }: WholeReply): string {
    const call = this.#call
    const { place, ordinal } = this.#where
    const { status, statusText, headers } = reply
    let json = `{"scope":${jsonText(place.scope)},"ordinal":${ordinal},${factsText(call)},`
    json += `"status":${status},"statusText":${jsonText(statusText)},`
    json += `"headers":${keptText(headers)},"attempts":${this.attempts.json()},`
    if (usage !== undefined) {
      json += `"usage":${countsText(usage)},`
      const costUsd = this.#journaling.settings.costOf?.(call, usage)
      if (costUsd !== undefined) json += `"costUsd":${costUsd},`
    }
    if (toolCalls.length > 0) json += `"toolCalls":${JSON.stringify(toolCalls)},`
    const tookMs = roundedText(performance.now() - this.#startedAt)
    return `${json}"startedAtMs":${this.#startedAtMs},"tookMs":${tookMs}`
  }
}

function countsText(usage: Usage): string {
  let json = ''
  for (const name in usage) {
    const count = usage[name as keyof Usage]
    if (count !== undefined) json += `${json === '' ? '' : ','}"${name}":${count}`
  }
  return `{${json}}`
}

type Facts = ReturnType<typeof factsOf>

let latest: { readonly facts: Facts; readonly text: string } | undefined

/** What is the same for most calls. */
function factsText(call: LlmCall): string {
  const facts = latest?.facts
  if (
    latest !== undefined &&
    facts?.format === call.format.name &&
    facts.operation === call.operation &&
    facts.provider === call.provider &&
    facts.model === call.model &&
    facts.streaming === call.streaming
  ) {
    return latest.text
  }
  latest = { facts: factsOf(call), text: JSON.stringify(factsOf(call)).slice(1, -1) }
  return latest.text
}

function factsOf({ format, operation, provider, model, streaming }: LlmCall) {
  return { format: format.name, operation, provider, model, streaming }
}

/** The headers that are kept, as JSON: names and values. */
function keptText(headers: HttpHeaders): string {
  let json = ''
  for (const name of keptHeaders) {
    const value = headers.get(name)
    if (value !== null) json += `${json === '' ? '' : ','}["${name}",${jsonText(value)}]`
  }
  return `[${json}]`
}

/** What a note for people calls an error: never what it says. */
export function nameOf(error: unknown): string {
  if (HoldfastError.is(error)) return error.code
  return error instanceof Error ? (errorWord(error.name) ?? 'Error') : typeof error
}
