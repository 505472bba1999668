import { enterEffect, HoldfastError } from '@holdfast/core'
import type { EffectResolution, InDoubtPolicy, Next, ToolCall, ToolReply } from '@holdfast/core'
import { rounded } from './record/json-text.ts'
import type { Resolution, StoredValue, ToolIntent, ToolOutcome } from './record/entries.ts'
import { errorOf, storeError, storeValue, valueOf } from './record/stored-value.ts'
import { hashOf } from './request/hash.ts'
import { readTool } from './request/tool-fingerprint.ts'
import { tellOutside, watchInside } from './run/inner-refusals.ts'
import { inDoubtError, isRefusal } from './run/journaled-run.ts'
import type { JoinedRuns } from './run/joined-runs.ts'
import type { JournaledRuns, Place } from './run/journaled-runs.ts'
import { effectInDoubt } from './run/run-records.ts'
import type { KnownEffect } from './run/run-records.ts'
import type { Settings } from './run/settings.ts'

/** What the model is told where an effect in doubt was left be. */
const skipped =
  'It is not known whether this was done: the work was interrupted. It was not done again.'

/** A tool call of a run: answered by the journal, or announced there, run, and written down before its result is handed up. */
export class ToolCalls {
  readonly #runs: JournaledRuns
  readonly #settings: Settings
  readonly #joined: JoinedRuns | undefined

  constructor(
    { runs, joined }: { readonly runs: JournaledRuns; readonly joined: JoinedRuns | undefined },
    settings: Settings,
  ) {
    this.#runs = runs
    this.#joined = joined
    this.#settings = settings
  }

  async answer(call: ToolCall, next: Next<ToolCall>): Promise<ToolReply> {
    try {
      return await this.#answer(call, next)
    } catch (error) {
      tellOutside(error)
      throw error
    }
  }

  async #answer(call: ToolCall, next: Next<ToolCall>): Promise<ToolReply> {
    const place = call.run ? this.#runs.placeOf(call.run) : this.#joined?.placeOfTool(call)
    if (place === undefined) return next(call)
    let intent: ToolIntent
    let known: KnownEffect | undefined
    try {
      const { run, scope } = place
      const asked = readTool(call, this.#settings.mask)
      if (!run.isOpen) await run.open(asked.fingerprint)
      const { name, framework, toolCallId } = call
      const { fingerprint } = asked
      // Counted among its equals, so that it stays the same whatever else the run does.
      const equal = run.ordinal(scope, fingerprint)
      intent = {
        scope,
        ordinal: run.ordinal(scope, 'tool'),
        fingerprint,
        name,
        arguments: asked.arguments,
        framework,
        ...(toolCallId === undefined ? {} : { toolCallId }),
        idempotencyKey: hashOf([run.id, scope, fingerprint, equal].join('\n')).slice(0, 32),
        ...named(this.#policyOf(call)),
      }
      known = run.records.takeEffect(scope, fingerprint)
    } catch (error) {
      throw refused(call, error)
    }
    const done = place.run.beginEffect()
    try {
      if (known === undefined) return await this.#run(call, next, place, intent)
      return await this.#goOn(call, next, place, known)
    } finally {
      done()
    }
  }

  /** Announces it, runs it, and writes down what came of it. */
  async #run(
    call: ToolCall,
    next: Next<ToolCall>,
    { run }: Place,
    intent: ToolIntent,
  ): Promise<ToolReply> {
    run.refuseToGoLive(() => `tool ${call.name}`)
    let seq: number | undefined
    let unwritten: unknown
    // Announced when it is about to run: what was refused or put off before that has no effect to be in doubt about.
    const announce = async (): Promise<number> => {
      try {
        return (seq ??= await run.append('tool-intent', intent))
      } catch (error) {
        unwritten = refused(call, error)
        throw unwritten
      }
    }
    const announced: ToolCall = Object.freeze({
      ...call,
      async beforeEffect() {
        await call.beforeEffect?.()
        await announce()
      },
    })
    const startedAt = performance.now()
    const effect = {
      idempotencyKey: intent.idempotencyKey,
      again: intent.again !== undefined,
    }
    const refusedInside = watchInside(effect)
    let outcome: Omit<ToolOutcome, 'intent' | 'tookMs'>
    let reply: ToolReply | undefined
    let thrown: unknown
    try {
      reply = await enterEffect(effect, () => next(announced))
      const inner = refusedInside()
      if (inner !== undefined) throw inner
      outcome = outcomeOf(call, reply.value)
    } catch (error) {
      thrown = error
      // A pause is no outcome: the call is made again, from its beginning.
      if (call.results?.isPause?.(error) === true) {
        if (seq !== undefined) {
          await run.append('resolution', { intent: seq, as: 'again', by: 'framework' })
        }
        throw error
      }
      if (unwritten !== undefined) throw unwritten
      // It waits for a person, and is asked for again when the run goes on.
      if (seq === undefined && isPending(error)) throw error
      // Whoever was cut short himself cannot tell how far it came; nor can who met a refusal of the journal further in.
      if (error instanceof Error && (error.name === 'AbortError' || isRefused(error))) throw error
      const inner = refusedInside()
      if (inner !== undefined) throw inner
      outcome = { error: storeError(error) }
    }
    const tookMs = rounded(performance.now() - startedAt)
    try {
      // Answered by somebody before it ran: the same answer when the run is gone on with.
      const answered = seq ?? (await announce())
      await run.append('tool-outcome', { intent: answered, ...outcome, tookMs })
    } catch (error) {
      throw isRefusal(error)
        ? error
        : new HoldfastError(
            'JOURNAL_UNUSABLE',
            `tool ${call.name} has run, but the journal could not be told; it will be in doubt`,
            { cause: error },
          )
    }
    if (outcome.lost !== undefined) {
      this.#settings.warn(
        `what tool ${call.name} answers cannot be stored (${outcome.lost}); after a crash it would be in doubt`,
      )
    }
    if (reply === undefined) throw thrown
    return reply
  }

  /** What an earlier execution had begun. */
  async #goOn(
    call: ToolCall,
    next: Next<ToolCall>,
    place: Place,
    known: KnownEffect,
  ): Promise<ToolReply> {
    const { run } = place
    const { outcome, seq } = known
    if (outcome !== undefined && outcome.lost === undefined) {
      call.emit({ type: 'journal-answered', runId: run.id, recordedAtMs: known.atMs })
      if (outcome.error !== undefined) throw errorOf(outcome.error)
      return { value: restored(call, outcome.value ?? { as: 'undefined' }) }
    }
    const resolution = known.resolution ?? (await this.#resolve(call, place, known))
    switch (resolution.as) {
      case 'done':
        call.emit({ type: 'journal-answered', runId: run.id, recordedAtMs: known.atMs })
        return { value: restored(call, resolution.value ?? { as: 'undefined' }) }
      case 'skip':
        call.emit({ type: 'journal-answered', runId: run.id, recordedAtMs: known.atMs })
        return { value: skipped }
      default: {
        const { inDoubt: _before, ...intent } = known.intent
        const policy = named(this.#policyOf(call))
        return this.#run(call, next, place, { ...intent, ...policy, again: seq })
      }
    }
  }

  async #resolve(call: ToolCall, { run }: Place, known: KnownEffect): Promise<Resolution> {
    const effect = effectInDoubt(run.id, known)
    const policy = this.#policyOf(call)
    let resolution: Resolution
    if (policy === 'ask') {
      // Whoever asks again is asked to wait again.
      run.records.putBack(known)
      await run.wait(known).catch(() => {})
      throw inDoubtError(effect)
    } else if (policy === 'retry') {
      return { intent: known.seq, as: 'again', by: 'policy' }
    } else if (policy === 'skip') {
      resolution = { intent: known.seq, as: 'skip', by: 'policy' }
    } else {
      resolution = storeResolution(known.seq, await policy.reconcile(effect), 'reconcile')
      if (resolution.as === 'again') return resolution
    }
    try {
      await run.append('resolution', resolution)
    } catch (error) {
      throw refused(call, error)
    }
    return resolution
  }

  #policyOf({ name, inDoubt }: ToolCall): InDoubtPolicy {
    const { tools } = this.#settings
    return (
      (Object.hasOwn(tools, name) ? tools[name] : undefined) ?? inDoubt ?? this.#settings.inDoubt
    )
  }
}

/** What was decided about an effect, as it is stored. */
export function storeResolution(
  intent: number,
  resolution: EffectResolution,
  by: Resolution['by'],
): Resolution {
  if (resolution.as !== 'done') return { intent, as: resolution.as, by }
  return { intent, as: 'done', value: storeValue(resolution.value), by }
}

/** The policy as the record says it; `ask` is the usual one. */
function named(policy: InDoubtPolicy): Pick<ToolIntent, 'inDoubt'> {
  if (policy === 'ask') return {}
  return { inDoubt: typeof policy === 'string' ? policy : 'reconcile' }
}

function outcomeOf(call: ToolCall, value: unknown): Omit<ToolOutcome, 'intent' | 'tookMs'> {
  try {
    const own = call.results?.store(value)
    return { value: own === undefined ? storeValue(value) : { as: 'framework', value: own } }
  } catch (error) {
    return { lost: error instanceof Error ? error.message : String(error) }
  }
}

function restored(call: ToolCall, stored: StoredValue): unknown {
  if (stored.as !== 'framework' || call.results === undefined) return valueOf(stored)
  return call.results.restore(valueOf(stored))
}

/** True where the journal has refused something further in, however it was wrapped since. */
function isRefused(error: Error): boolean {
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
    if (isRefusal(inner)) return true
  }
  return false
}

/** True where somebody further in waits for a person's answer. */
function isPending(error: unknown): boolean {
  return HoldfastError.is(error) && error.code === 'APPROVAL_PENDING'
}

/** Why a tool does not run: without an intent on record there is no effect. */
function refused({ name }: ToolCall, error: unknown): unknown {
  if (isRefusal(error)) return error
  return new HoldfastError(
    'JOURNAL_UNUSABLE',
    `tool ${name} was not run, because the journal cannot be written`,
    { cause: error },
  )
}
