import { bytesBody, HoldfastError, httpHeaders, openReply } from '@holdfast/core'
import type { HttpHeaders, LlmCall, LlmReply, Next } from '@holdfast/core'
import { Attempts, rounded } from './attempts.ts'
import { RecordingReply } from './recording-reply.ts'
import type { WholeReply } from './recording-reply.ts'
import type { LlmRecord } from './record/entries.ts'
import type { AskedRequest } from './request/conversations.ts'
import { recordRequest } from './request/recorded-request.ts'
import { isRefusal } from './run/journaled-run.ts'
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

  async answer(call: LlmCall, next: Next): Promise<LlmReply> {
    const place = call.run ? this.#runs.placeOf(call.run) : this.#joined?.placeOfCall(call)
    if (place === undefined) return next(call)
    let asked: AskedRequest
    let ordinal: number
    try {
      const { run, scope } = place
      asked = run.conversations.read(call)
      if (!run.isOpen) await run.open(asked.fingerprint)
      ordinal = run.ordinal(scope, 'llm')
      const known = run.records.takeCall(scope, asked.fingerprint)
      if (known !== undefined) {
        this.#joined?.replied(run, known.record.toolCalls ?? [])
        return await replay(call, place, asked, known)
      }
      run.refuseToGoLive(`call ${ordinal + 1} of model ${call.model}`)
      await this.#lookForDivergence(call, place, asked, ordinal)
    } catch (error) {
      if (isRefusal(error)) throw error
      this.#alarm(error)
      return next(call)
    }
    return this.#make(call, next, { ...place, asked, ordinal })
  }

  async #make(call: LlmCall, next: Next, made: Made): Promise<LlmReply> {
    const attempts = new Attempts(call.emit)
    const startedAtMs = Date.now()
    const startedAt = performance.now()
    const done = made.run.begin()
    const failed = (error: string, status?: number): void => {
      done()
      const { run, scope, ordinal, asked } = made
      const failure = {
        scope,
        ordinal,
        fingerprint: asked.fingerprint,
        ...factsOf(call),
        attempts: attempts.list(),
        error,
        startedAtMs,
        ...(status === undefined ? {} : { status }),
        tookMs: rounded(performance.now() - startedAt),
      }
      // A note for people: nothing depends on it.
      run.append('llm-failed', failure).catch(() => {})
    }
    let reply: LlmReply
    try {
      reply = await next(call.with({ emit: attempts.emit }))
    } catch (error) {
      failed(nameOf(error))
      throw error
    }
    if (reply.failure !== undefined || reply.status >= 300 || reply.response.body === undefined) {
      failed(reply.failure?.code ?? reply.failure?.type ?? 'no answer', reply.status)
      return reply
    }
    return new RecordingReply(
      reply,
      (whole) =>
        this.#record(call, made, reply, whole, { attempts, startedAtMs, startedAt }).finally(done),
      (error) => failed(error === undefined ? 'incomplete' : nameOf(error), reply.status),
    )
  }

  async #record(
    call: LlmCall,
    { run, scope, ordinal, asked }: Made,
    { status, statusText, headers }: LlmReply,
    { bytes, usage, toolCalls }: WholeReply,
    { attempts, startedAtMs, startedAt }: Timing,
  ): Promise<void> {
    try {
      const { request, blobs } = recordRequest(asked, run.blobs)
      const record: LlmRecord = {
        scope,
        ordinal,
        fingerprint: asked.fingerprint,
        ...factsOf(call),
        request,
        status,
        statusText,
        headers: kept(headers),
        attempts: attempts.list(),
        ...(usage === undefined ? {} : { usage }),
        ...(toolCalls.length === 0 ? {} : { toolCalls }),
        startedAtMs,
        tookMs: rounded(performance.now() - startedAt),
      }
      asked.recordedAs(await run.append('llm', record, { payload: bytes, blobs }))
      this.#joined?.replied(run, toolCalls)
    } catch (error) {
      // The blobs may not be in.
      run.blobs.clear()
      this.#alarm(error)
    }
  }

  async #lookForDivergence(
    call: LlmCall,
    { run, scope }: Place,
    asked: AskedRequest,
    ordinal: number,
  ): Promise<void> {
    const { divergence, warn } = this.#settings
    const { fingerprint } = asked
    const goesOnFrom = asked.extendsBase ? asked.base?.seq : undefined
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

interface Made extends Place {
  readonly asked: AskedRequest
  readonly ordinal: number
}

interface Timing {
  readonly attempts: Attempts
  readonly startedAtMs: number
  readonly startedAt: number
}

async function replay(
  call: LlmCall,
  { run }: Place,
  asked: AskedRequest,
  { seq, atMs, record, payload }: KnownCall,
): Promise<LlmReply> {
  asked.recordedAs(seq)
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

function kept(headers: HttpHeaders): [string, string][] {
  const list: [string, string][] = []
  for (const name of keptHeaders) {
    const value = headers.get(name)
    if (value !== null) list.push([name, value])
  }
  return list
}

function nameOf(error: unknown): string {
  if (HoldfastError.is(error)) return error.code
  return error instanceof Error ? error.name : typeof error
}
