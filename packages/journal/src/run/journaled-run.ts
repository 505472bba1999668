import { HoldfastError } from '@holdfast/core'
import type {
  AcquireAnswer,
  EffectInDoubt,
  JournalBlob,
  JournalEntry,
  JournalLease,
  JournalRun,
  JournalRunFacts,
} from '@holdfast/core'
import { isGone, thisProcess } from '../owner.ts'
import type { Entries, EntryKind } from '../record/entries.ts'
import { entryText } from '../record/entry-text.ts'
import { readEntries } from '../record/read-entry.ts'
import { Conversations } from '../request/conversations.ts'
import { EarlierRequests } from '../request/earlier-requests.ts'
import { hashOf } from '../request/hash.ts'
import { knownRequests } from './known-requests.ts'
import { effectInDoubt, RunRecords } from './run-records.ts'
import type { KnownEffect } from './run-records.ts'
import type { Settings } from './settings.ts'

/** After a store has failed, calls do not wait for it again at once. */
const pauseAfterFailureMs = 5_000

/** One run in this process: its lease, what earlier executions left, and what this one adds. */
export class JournaledRun {
  /** What earlier executions of the run asked is looked for by what it said. */
  readonly conversations: Conversations
  /** What is written of a request is what none of these says. */
  readonly requests: EarlierRequests = new EarlierRequests()
  /** Effects in doubt that somebody has to resolve before the run goes on. */
  readonly waitingFor: Map<number, KnownEffect> = new Map()
  readonly #settings: Settings
  readonly #named: boolean
  #facts: JournalRunFacts
  #lease: JournalLease | undefined
  #records: RunRecords | undefined
  #opening: Promise<void> | undefined
  #failed: { readonly error: unknown; readonly untilMs: number } | undefined
  #lost = false
  #diverged: HoldfastError | undefined
  #playedBack = false
  #ended = false
  #nextSeq = 0
  #pending = 0
  /** Of these, tool calls. */
  #effects = 0
  readonly #effectsOver: (() => void)[] = []
  #usedAt = performance.now()
  readonly #idle: (() => void)[] = []
  /** Model calls by scope, and what else is counted by kind and scope. */
  readonly #calls = new Map<string, number>()
  readonly #ordinals = new Map<string, number>()
  /** Blobs that the run has put in. */
  readonly blobs: Set<string> = new Set()

  constructor(settings: Settings, facts: JournalRunFacts, named: boolean) {
    this.#settings = settings
    this.#facts = facts
    this.#named = named
    this.conversations = new Conversations(settings.mask)
  }

  /** The run's name in the journal: that of the run it goes on from, where it was found by itself. */
  get id(): string {
    return this.#facts.id
  }

  /** True for a run that is gone on with under its id. */
  get isNamed(): boolean {
    return this.#named
  }

  /** True while a call of the run has not ended. */
  get isUnderWay(): boolean {
    return this.#pending > 0
  }

  /** For how long no call was under way. */
  get idleMs(): number {
    return this.#pending > 0 ? 0 : performance.now() - this.#usedAt
  }

  get lease(): JournalLease | undefined {
    return this.#lost || this.#ended ? undefined : this.#lease
  }

  /** True where somebody else owns the run now. */
  get isLost(): boolean {
    return this.#lost
  }

  get isOpen(): boolean {
    return this.#records !== undefined && !this.#lost && !this.#ended
  }

  /** True where nothing that was recorded before can answer a call. */
  get isNew(): boolean {
    return this.isOpen && !this.#playedBack && this.#records?.hasCalls === false
  }

  get records(): RunRecords {
    if (this.#records === undefined) throw new Error('the run is not open')
    return this.#records
  }

  /**
   * Makes this process the owner and reads what is there. `first` is the fingerprint of the run's first call: with agent
   * and session it tells which unfinished run this one is.
   * @throws HoldfastError RUN_HELD while somebody else works on the run
   * @throws HoldfastError RUN_TAKEN_OVER after somebody else has taken it over
   */
  async open(first: string): Promise<void> {
    if (this.#lost) throw this.#takenOver()
    if (this.#records !== undefined) return
    if (this.#failed !== undefined && this.#failed.untilMs > performance.now()) {
      throw this.#failed.error
    }
    this.#opening ??= this.#take(first).finally(() => (this.#opening = undefined))
    try {
      await this.#opening
    } catch (error) {
      if (!isRefusal(error)) {
        this.#failed = { error, untilMs: performance.now() + pauseAfterFailureMs }
      }
      throw error
    }
  }

  /** The next ordinal of a model call in a scope. */
  nextCall(scope: string): number {
    return countUp(this.#calls, scope)
  }

  /** The next ordinal of another kind in a scope. */
  ordinal(scope: string, kind: string): number {
    return countUp(this.#ordinals, `${kind}\n${scope}`)
  }

  /** Writes an entry and resolves, when it outlives the process, with its number. */
  async append<Kind extends EntryKind>(kind: Kind, data: Entries[Kind]): Promise<number> {
    if (this.#playedBack) return -1
    const lease = this.#leaseNow()
    const entry = this.#entry(kind, entryText(kind, data))
    try {
      await this.#settings.store.append(lease, [entry])
    } catch (error) {
      throw this.#failedToWrite(error)
    }
    return entry.seq
  }

  /**
   * The same for what nobody else relies on, cheaper: at once where the store can. It is lost, without a word, where
   * somebody else owns the run by now. `text` is the entry's.
   */
  record(
    kind: EntryKind,
    text: string,
    payload?: Uint8Array,
    blobs?: readonly JournalBlob[],
  ): number | Promise<number> {
    if (this.#playedBack) return -1
    const lease = this.#leaseNow()
    const { store } = this.#settings
    const entry = this.#entry(kind, text, payload)
    const written =
      store.record === undefined
        ? store.append(lease, [entry], blobs)
        : store.record(lease, entry, blobs)
    if (written === undefined) return entry.seq
    return written.then(
      () => entry.seq,
      (error: unknown) => {
        throw this.#failedToWrite(error)
      },
    )
  }

  /** Writes that the run waits for somebody to resolve an effect in doubt. */
  async wait(effect: KnownEffect): Promise<void> {
    this.waitingFor.set(effect.seq, effect)
    // While something else is under way, other processes would take that for in doubt, too: the run's end says it then.
    if (this.lease !== undefined && this.#effects < 2) {
      await this.#settings.store.update(this.lease, { state: 'waiting' })
    }
  }

  /**
   * Called before anything happens for real. `what` is asked only where it is refused.
   * @throws HoldfastError EFFECT_IN_DOUBT while the run waits
   * @throws HoldfastError RUN_DIVERGED where it is played back
   */
  refuseToGoLive(what: () => string): void {
    if (this.#playedBack) {
      throw this.diverged(
        `run ${this.id} is played back, and nothing in the journal answers ${what()}`,
      )
    }
    const error = this.#waitingError()
    if (error !== undefined) throw error
  }

  /** What a call is refused with that has no place in the run; the run is not over with it. */
  diverged(message: string): HoldfastError {
    return (this.#diverged ??= new HoldfastError('RUN_DIVERGED', message))
  }

  /** Why the run cannot be over, whatever the agent made of it: something of it was refused. */
  refusal(cause?: unknown): HoldfastError | undefined {
    return (
      this.#waitingError(cause) ?? this.#diverged ?? (this.#lost ? this.#takenOver() : undefined)
    )
  }

  /** What the run waits for, if it does. */
  #waitingError(cause?: unknown): HoldfastError | undefined {
    if (this.waitingFor.size === 0) return undefined
    const [effect] = this.waitingFor.values()
    return effect && inDoubtError(effectInDoubt(this.id, effect), cause)
  }

  /** A call begins; the run is not over before `over` was called for it, once. */
  begin(): void {
    this.#pending++
  }

  over(): void {
    this.#usedAt = performance.now()
    if (--this.#pending > 0 || this.#idle.length === 0) return
    for (const idle of this.#idle.splice(0)) idle()
  }

  /** The same for a tool call. Returns what ends it, to be called once. */
  beginEffect(): () => void {
    this.begin()
    this.#effects++
    return () => {
      this.over()
      if (--this.#effects > 0) return
      for (const over of this.#effectsOver.splice(0)) over()
    }
  }

  /**
   * Resolves at once, but where the run waits for an effect to be settled only when no tool call is under way: that
   * would be taken for in doubt, too.
   */
  async waits(): Promise<void> {
    if (this.waitingFor.size === 0 || this.#effects === 0) return
    await new Promise<void>((resolve) => this.#effectsOver.push(resolve))
  }

  /** Says how the run stands, without anybody waiting for it. */
  stands(state: 'running' | 'completed'): void {
    if (this.lease === undefined) return
    this.#settings.store.update(this.lease, { state }).catch((error: unknown) => {
      if (isTakenOver(error)) this.lose()
    })
  }

  /** The run is over, for now at least: gives it back once its calls are. */
  async end(state: 'completed' | 'failed'): Promise<void> {
    await this.#opening?.catch(() => {})
    if (this.#pending > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    await this.endNow(state)
  }

  /** The same at the end of the process, when nothing can be waited for any more. */
  async endNow(state: 'completed' | 'failed' | 'running'): Promise<void> {
    const { lease } = this
    this.#ended = true
    if (lease === undefined) return
    try {
      await this.#settings.store.update(lease, {
        state: this.waitingFor.size > 0 ? 'waiting' : state,
        release: true,
      })
    } catch (error) {
      throw this.#failedToWrite(error)
    }
  }

  /** Somebody else owns the run now. */
  lose(): void {
    this.#lost = true
  }

  #leaseNow(): JournalLease {
    if (this.#lost || this.#lease === undefined) throw this.#takenOver()
    return this.#lease
  }

  #entry(kind: EntryKind, data: string, payload?: Uint8Array): JournalEntry {
    const seq = this.#nextSeq++
    const atMs = Date.now()
    return payload === undefined ? { seq, kind, atMs, data } : { seq, kind, atMs, data, payload }
  }

  #failedToWrite(error: unknown): unknown {
    if (isTakenOver(error)) this.lose()
    return error
  }

  async #take(first: string): Promise<void> {
    if (await this.#takeRecorded(first)) return
    const answer = this.#named ? await this.#takeNamed() : await this.#takeUnfinished(first)
    if (!answer.taken) throw this.#held(answer.run)
    let records: RunRecords
    try {
      records = await this.#recordsOf(answer.run?.id)
    } catch (error) {
      // It is left as it was.
      const state = answer.run?.state ?? 'failed'
      await this.#settings.store.update(answer.lease, { state, release: true }).catch(() => {})
      throw error
    }
    this.#nextSeq = records.nextSeq
    this.#lease = answer.lease
    this.#records = records
  }

  /** Reads the run that is to be played back. False where it is to be written. */
  async #takeRecorded(first: string): Promise<boolean> {
    const { record, replayRun, store } = this.#settings
    if (record === 'run') return false
    const id = replayRun ?? this.#facts.id
    const [latest] = await store.list({ key: this.#keyOf(first), limit: 1 })
    const run = (await store.find(id)) ?? (this.#named ? undefined : latest)
    if (record === 'cassette' && run?.state !== 'completed') return false
    if (run === undefined) {
      throw new HoldfastError('RUN_DIVERGED', `there is no run ${id} in the journal to play back`)
    }
    this.#facts = { ...this.#facts, id: run.id }
    this.#records = await this.#recordsOf(run.id)
    this.#playedBack = true
    return true
  }

  /** What earlier executions left, if there were any. */
  async #recordsOf(runId: string | undefined): Promise<RunRecords> {
    if (runId === undefined) return new RunRecords([], new Map())
    const { store, mask } = this.#settings
    const entries = readEntries(await store.read(runId))
    if (entries.some(({ kind }) => kind === 'redacted')) {
      throw new HoldfastError(
        'RUN_DIVERGED',
        `run ${runId} was imported without all that was said in it: it can be looked at, and not gone on with`,
      )
    }
    const requests = await knownRequests(entries, (hash) => store.blob(runId, hash), mask)
    return new RunRecords(entries, requests)
  }

  #takeNamed(): Promise<AcquireAnswer> {
    return this.#acquire(this.#facts)
  }

  /** The newest unfinished run of the same work whose owner is gone; else a new one. */
  async #takeUnfinished(first: string): Promise<AcquireAnswer> {
    const { resumeWithinMs, store } = this.#settings
    const { id } = this.#facts
    const key = this.#keyOf(first)
    if (resumeWithinMs > 0) {
      const unfinished = await store.list({ key, states: ['running', 'waiting'], limit: 10 })
      for (const run of unfinished) {
        if (Date.now() - run.updatedAtMs > resumeWithinMs) continue
        // Somebody else asks this process the same at the same time.
        if (run.owner?.id === thisProcess.id) continue
        const answer = await this.#acquire({ ...this.#facts, id: run.id }, 'unfinished')
        if (!answer.taken) continue
        this.#facts = { ...this.#facts, id: run.id }
        return answer
      }
    }
    return this.#acquire({ ...this.#facts, id, key })
  }

  /** What unfinished runs of the same work have in common. */
  #keyOf(first: string): string {
    const { agent = '', session = '', tenant = '', user = '' } = this.#facts
    return hashOf([agent, session, tenant, user, first].join('\n'))
  }

  async #acquire(facts: JournalRunFacts, only?: 'unfinished'): Promise<AcquireAnswer> {
    const { store, leaseMs: ttlMs } = this.#settings
    const request = { facts, owner: thisProcess, ttlMs, ...(only && { only }) }
    const answer = await store.acquire(request)
    if (answer.taken || answer.run?.owner === undefined || !isGone(answer.run.owner)) return answer
    return store.acquire({ ...request, overFence: answer.run.fence })
  }

  #held(run: JournalRun | undefined): HoldfastError {
    const who = run?.owner === undefined ? 'somebody' : `process ${run.owner.pid}`
    const leftMs = run === undefined ? 0 : Math.max(0, run.leaseUntilMs - Date.now())
    return new HoldfastError(
      'RUN_HELD',
      `run ${this.id} is worked on by ${who}; unless renewed, its lease runs out in ${Math.ceil(leftMs / 1000)} s`,
      { retryable: true },
    )
  }

  #takenOver(): HoldfastError {
    return new HoldfastError('RUN_TAKEN_OVER', `run ${this.id} belongs to another process now`)
  }
}

/** How often it was counted before. */
function countUp(counts: Map<string, number>, key: string): number {
  const before = counts.get(key) ?? 0
  counts.set(key, before + 1)
  return before
}

export function inDoubtError(
  { id, name, startedAtMs, lost }: EffectInDoubt,
  cause?: unknown,
): HoldfastError {
  const what =
    lost === undefined
      ? `was cut off after ${new Date(startedAtMs).toISOString()}: nobody knows what it did`
      : `is done, but its result could not be stored (${lost})`
  return new HoldfastError(
    'EFFECT_IN_DOUBT',
    `tool ${name} ${what}; settle it with runs.resolve(${JSON.stringify(id)}, …), and run again`,
    cause === undefined ? {} : { cause },
  )
}

/** True for what is said on purpose; anything else is a journal that does not work. */
export function isRefusal(error: unknown): error is HoldfastError {
  return (
    HoldfastError.is(error) &&
    (error.code === 'RUN_HELD' ||
      error.code === 'RUN_TAKEN_OVER' ||
      error.code === 'RUN_DIVERGED' ||
      error.code === 'EFFECT_IN_DOUBT' ||
      error.code === 'KEY_WRONG')
  )
}

function isTakenOver(error: unknown): boolean {
  return HoldfastError.is(error) && error.code === 'RUN_TAKEN_OVER'
}
