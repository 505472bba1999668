import { bytesBody, errorWord, httpHeaders, openReply } from '@holdfast/core'
import type { LlmCall, LlmReply, Next } from '@holdfast/core'
import { MadeCall, nameOf } from './made-call.ts'
import type { Journaling } from './made-call.ts'
import { requestOf } from './request/conversations.ts'
import type { AskedRequest } from './request/conversations.ts'
import { tellOutside } from './run/inner-refusals.ts'
import { isRefusal } from './run/journaled-run.ts'
import type { JournaledRun } from './run/journaled-run.ts'
import type { JournaledRuns, Place } from './run/journaled-runs.ts'
import type { KnownCall } from './run/run-records.ts'

/** An LLM call of a run: answered by the journal, or made, and written down before its last byte is handed up. */
export class LlmCalls {
  readonly #runs: JournaledRuns
  readonly #journaling: Journaling

  constructor(runs: JournaledRuns, journaling: Journaling) {
    this.#runs = runs
    this.#journaling = journaling
  }

  answer(call: LlmCall, next: Next): Promise<LlmReply> {
    let place: Place | undefined
    try {
      place = call.run ? this.#runs.placeOf(call.run) : this.#journaling.joined?.placeOfCall(call)
    } catch (error) {
      return Promise.reject(error)
    }
    if (place === undefined) return next(call)
    // Where nothing can answer it the request goes out first, and is read while the provider is at it.
    return place.run.isNew && this.#journaling.settings.divergence === 'fork'
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
      ordinal = run.nextCall(scope)
      const known = run.records.takeCall(scope, asked.fingerprint)
      if (known !== undefined) {
        this.#journaling.joined?.replied(run, known.record.toolCalls ?? [])
        return await replay(call, place, asked, known)
      }
      refuseToGoLive(call, run, ordinal)
      await this.#lookForDivergence(call, place, asked, ordinal)
    } catch (error) {
      if (isRefusal(error)) {
        tellOutside(error)
        throw error
      }
      this.#journaling.alarm(error)
      return next(call)
    }
    return this.#make(call, next, place, asked, ordinal)
  }

  async #make(
    call: LlmCall,
    next: Next,
    place: Place,
    asked?: AskedRequest,
    known?: number,
  ): Promise<LlmReply> {
    const { run, scope } = place
    const ordinal = known ?? run.nextCall(scope)
    if (asked === undefined) refuseToGoLive(call, run, ordinal)
    const made = new MadeCall(call, { place, ordinal, asked }, this.#journaling)
    let reply: LlmReply
    try {
      const replying = next(call.with({ emit: made.attempts.emit }))
      // Behind what the transport has put off to write the request out.
      process.nextTick(prepare, made)
      reply = await replying
    } catch (error) {
      made.failed(nameOf(error))
      throw error
    }
    if (reply.failure !== undefined || reply.status >= 300 || reply.response.body === undefined) {
      const { code, type } = reply.failure ?? {}
      made.failed(errorWord(code) ?? errorWord(type) ?? 'no answer', reply.status)
      return reply
    }
    return made.recorded(reply)
  }

  async #lookForDivergence(
    call: LlmCall,
    { run, scope }: Place,
    asked: AskedRequest,
    ordinal: number,
  ): Promise<void> {
    const { divergence, warn } = this.#journaling.settings
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
    run.refuseToGoLive(() => `call ${ordinal + 1} of model ${model}`)
  } catch (error) {
    tellOutside(error)
    throw error
  }
}

/** What cannot be read is told when it is to be recorded. */
function prepare(made: MadeCall): void {
  try {
    made.prepare()
  } catch {
    // It is tried again then.
  }
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
