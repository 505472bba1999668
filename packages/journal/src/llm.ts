import { bytesBody, errorWord, HoldfastError, httpHeaders, openReply } from '@holdfast/core'
import type { HttpHeaders, JournalBlob, LlmCall, LlmReply, Next, Usage } from '@holdfast/core'
import { Attempts, rounded, roundedText } from './attempts.ts'
import { RecordingReply } from './recording-reply.ts'
import type { WholeReply } from './recording-reply.ts'
import { entryText, llmText, requestText } from './record/entry-text.ts'
import type { RequestText } from './record/entry-text.ts'
import { jsonText } from './record/json-text.ts'
import { bodyText, requestOf } from './request/conversations.ts'
import type { AskedRequest } from './request/conversations.ts'
import type { InCommon } from './request/earlier-requests.ts'
import { recordRequest } from './request/recorded-request.ts'
import { tellOutside } from './run/inner-refusals.ts'
import { isRefusal } from './run/journaled-run.ts'
import type { JournaledRun } from './run/journaled-run.ts'
import type { JoinedRuns } from './run/joined-runs.ts'
import type { JournaledRuns, Place } from './run/journaled-runs.ts'
import type { KnownCall } from './run/run-records.ts'
import type { Settings } from './run/settings.ts'

/** What the journal says of itself when it cannot keep a record: the call goes on without. */
export type Alarm = (error: unknown) => void

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

/** An LLM call of a run: answered by the journal, or made, and written down before its last byte is handed up. */
export class LlmCalls {
  readonly #runs: JournaledRuns
  readonly #settings: Settings
  readonly #alarm: Alarm
  readonly #joined: JoinedRuns | undefined

  constructor(
    { runs, joined }: { readonly runs: JournaledRuns; readonly joined: JoinedRuns | undefined },
    settings: Settings,
    alarm: Alarm,
  ) {
    this.#runs = runs
    this.#joined = joined
    this.#settings = settings
    this.#alarm = alarm
  }

  answer(call: LlmCall, next: Next): Promise<LlmReply> {
    let place: Place | undefined
    try {
      place = call.run ? this.#runs.placeOf(call.run) : this.#joined?.placeOfCall(call)
    } catch (error) {
      return Promise.reject(error)
    }
    if (place === undefined) return next(call)
    // Where nothing can answer it the request goes out first, and is read while the provider is at it.
    return place.run.isNew && this.#settings.divergence === 'fork'
      ? this.#make(call, next, place)
      : this.#answer(call, next, place)
  }

  async #answer(call: LlmCall, next: Next, place: Place): Promise<LlmReply> {
    const { run, scope } = place
    let asked: AskedRequest
    let ordinal: number
    try {
      asked = run.conversations.read(requestOf(call))
      if (!run.isOpen) await run.open(asked.fingerprint)
      ordinal = run.ordinal(scope, 'llm')
      const known = run.records.takeCall(scope, asked.fingerprint)
      if (known !== undefined) {
        this.#joined?.replied(run, known.record.toolCalls ?? [])
        return await replay(call, place, asked, known)
      }
      refuseToGoLive(call, run, ordinal)
      await this.#lookForDivergence(call, place, asked, ordinal)
    } catch (error) {
      if (isRefusal(error)) {
        tellOutside(error)
        throw error
      }
      this.#alarm(error)
      return next(call)
    }
    return this.#make(call, next, place, { asked, ordinal })
  }

  async #make(
    call: LlmCall,
    next: Next,
    place: Place,
    known: { readonly asked?: AskedRequest; readonly ordinal?: number } = {},
  ): Promise<LlmReply> {
    const { run, scope } = place
    const ordinal = known.ordinal ?? run.ordinal(scope, 'llm')
    if (known.asked === undefined) refuseToGoLive(call, run, ordinal)
    const made = new MadeCall(call, place, ordinal, known.asked)
    const done = run.begin()
    let reply: LlmReply
    try {
      const replying = next(call.with({ emit: made.attempts.emit }))
      // Behind what the transport has put off to write the request out.
      process.nextTick(this.#prepare, made)
      reply = await replying
    } catch (error) {
      done()
      this.#failed(made, nameOf(error))
      throw error
    }
    if (reply.failure !== undefined || reply.status >= 300 || reply.response.body === undefined) {
      done()
      const { code, type } = reply.failure ?? {}
      this.#failed(made, errorWord(code) ?? errorWord(type) ?? 'no answer', reply.status)
      return reply
    }
    return new RecordingReply(reply, {
      record: (whole) => this.#record(made, reply, whole, done),
      lost: (error) => {
        done()
        this.#failed(made, error === undefined ? 'incomplete' : nameOf(error), reply.status)
      },
    })
  }

  /** What cannot be read is told when it is to be recorded. */
  readonly #prepare = (made: MadeCall): void => {
    try {
      made.prepare()
    } catch {
      // It is tried again then.
    }
  }

  /** A note for people: nothing depends on it. */
  #failed(made: MadeCall, error: string, status?: number): void {
    const { call, place, ordinal, attempts, startedAtMs, startedAt } = made
    try {
      const text = entryText('llm-failed', {
        scope: place.scope,
        ordinal,
        ...factsOf(call),
        attempts: attempts.list(),
        error,
        startedAtMs,
        status,
        tookMs: rounded(performance.now() - startedAt),
      })
      const written = place.run.record('llm-failed', text)
      if (typeof written !== 'number') written.catch(() => {})
    } catch {
      // As if it had not happened.
    }
  }

  /** Undefined once it is written; else a promise for that. Never throws or rejects. */
  #record(
    made: MadeCall,
    reply: LlmReply,
    whole: WholeReply,
    done: () => void,
  ): Promise<void> | undefined {
    const { run } = made.place
    try {
      const { text, blobs } = made.prepare()
      const record = llmText(recordOf(made, reply, whole, this.#settings.costOf), text)
      const written = run.record('llm', record, whole.bytes, blobs)
      if (typeof written !== 'number') {
        return written.then((seq) => this.#recorded(made, whole, seq), this.#alarm).finally(done)
      }
      this.#recorded(made, whole, written)
    } catch (error) {
      this.#alarm(error)
    }
    done()
    return undefined
  }

  #recorded(made: MadeCall, { toolCalls }: WholeReply, seq: number): void {
    made.recordedAs(seq)
    this.#joined?.replied(made.place.run, toolCalls)
  }

  async #lookForDivergence(
    call: LlmCall,
    { run, scope }: Place,
    asked: AskedRequest,
    ordinal: number,
  ): Promise<void> {
    const { divergence, warn } = this.#settings
    const { fingerprint } = asked
    const goesOnFrom = asked.base?.whole === true ? asked.base.seq : undefined
    if (run.records.hasOther(scope, fingerprint, goesOnFrom)) {
      const what = `run ${run.id} asks something else than it did before the crash (call ${ordinal + 1}${scope === '' ? '' : ` of ${scope}`})`
      if (divergence === 'strict') {
        throw run.diverged(
          `${what}: its prompt, tools or code have changed; divergence is 'strict'`,
        )
      }
      call.emit({ type: 'run-diverged', runId: run.id })
      if (divergence === 'warn') warn(`${what}; it goes on for real`)
      await run.append('fork', { scope, fingerprint })
    }
    // Without it, a call that was under way could not be told from one that is new.
    if (divergence !== 'fork') await run.append('llm-start', { scope, ordinal, fingerprint })
  }
}

function refuseToGoLive({ model }: LlmCall, run: JournaledRun, ordinal: number): void {
  try {
    run.refuseToGoLive(`call ${ordinal + 1} of model ${model}`)
  } catch (error) {
    tellOutside(error)
    throw error
  }
}

/** A call under way, and what is to be written of its request. */
class MadeCall {
  readonly call: LlmCall
  readonly place: Place
  readonly ordinal: number
  readonly attempts: Attempts
  readonly startedAtMs: number = Date.now()
  readonly startedAt: number = performance.now()
  readonly #asked: AskedRequest | undefined
  #body = ''
  #common: InCommon | undefined
  #request: { readonly text: RequestText; readonly blobs: readonly JournalBlob[] } | undefined

  constructor(call: LlmCall, place: Place, ordinal: number, asked: AskedRequest | undefined) {
    this.call = call
    this.place = place
    this.ordinal = ordinal
    this.attempts = new Attempts(call.emit)
    this.#asked = asked
  }

  /** Reads the request, once. */
  prepare(): { readonly text: RequestText; readonly blobs: readonly JournalBlob[] } {
    if (this.#request !== undefined) return this.#request
    const { call, place } = this
    const { run } = place
    this.#body = this.#asked?.text ?? bodyText(call.http.body)
    this.#common = run.requests.inCommon(this.#body)
    const { request, blobs } = recordRequest(this.#body, this.#common, run.blobs)
    // The next one may go on from it.
    if (call.run === undefined && this.#asked === undefined) run.conversations.read(requestOf(call))
    return (this.#request = { text: requestText(request), blobs })
  }

  recordedAs(seq: number): void {
    this.#asked?.recordedAs(seq)
    this.place.run.requests.add(seq, this.#body, this.#common)
    const blobs = this.#request?.blobs
    if (blobs === undefined || blobs.length === 0) return
    for (const { hash } of blobs) this.place.run.blobs.add(hash)
  }
}

/** The JSON of a record, all but its request and the brace behind that. Put together by hand, as it is made for every call. */
function recordOf(
  { call, place, ordinal, attempts, startedAtMs, startedAt }: MadeCall,
  { status, statusText, headers }: LlmReply,
  { usage, toolCalls }: WholeReply,
  costOf: Settings['costOf'],
): string {
  const tookMs = roundedText(performance.now() - startedAt)
  let json = `{"scope":${jsonText(place.scope)},"ordinal":${ordinal},${factsText(call)},`
  json += `"status":${status},"statusText":${jsonText(statusText)},`
  json += `"headers":${keptText(headers)},"attempts":${attempts.json()},`
  if (usage !== undefined) {
    json += `"usage":${countsText(usage)},`
    const costUsd = costOf?.(call, usage)
    if (costUsd !== undefined) json += `"costUsd":${costUsd},`
  }
  if (toolCalls.length > 0) json += `"toolCalls":${JSON.stringify(toolCalls)},`
  return `${json}"startedAtMs":${startedAtMs},"tookMs":${tookMs}`
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

async function replay(
  call: LlmCall,
  { run }: Place,
  asked: AskedRequest,
  { seq, atMs, record, payload }: KnownCall,
): Promise<LlmReply> {
  asked.recordedAs(seq)
  run.requests.add(seq, asked.text)
  call.emit({ type: 'journal-answered', runId: run.id, recordedAtMs: atMs })
  const { status, statusText } = record
  return openReply(call, {
    status,
    statusText,
    headers: httpHeaders(record.headers),
    body: bytesBody(payload),
  })
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

function nameOf(error: unknown): string {
  if (HoldfastError.is(error)) return error.code
  return error instanceof Error ? (errorWord(error.name) ?? 'Error') : typeof error
}
