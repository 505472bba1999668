import { HoldfastError } from '@holdfast/core'
import type { JournalRunFacts, Run } from '@holdfast/core'
import { JournaledRun } from './journaled-run.ts'
import type { Settings } from './settings.ts'

/** A run that nobody ends is over when none of its calls came for so long. */
const idleMs = 60_000

/** Where a call stands: in which run of the journal, under which agents in it. */
export interface Place {
  readonly run: JournaledRun
  readonly scope: string
}

/** The runs of this process that are in the journal. */
export class JournaledRuns {
  readonly #settings: Settings
  readonly #places = new WeakMap<Run, Place>()
  /** Runs with a name of their own begin a run of the journal, also inside of another run. */
  readonly #named = new WeakSet<Run>()
  readonly #live = new Map<string, JournaledRun>()
  readonly #leaving = new Set<Run>()
  /** Runs whose work has not ended. */
  readonly #working = new Set<Run>()
  #heartbeat: NodeJS.Timeout | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** @throws HoldfastError RUN_HELD where this process works on a run of that name already */
  placeOf(run: Run): Place {
    let place = this.#places.get(run)
    if (place === undefined) {
      place = this.#newPlace(run)
      this.#places.set(run, place)
    }
    return place
  }

  /** Tells that a run has a name of its own, by which it is gone on with. */
  name(run: Run): void {
    this.#named.add(run)
  }

  /** A run of the journal begins, or goes on. */
  begin(facts: JournalRunFacts, named = false): JournaledRun {
    const journaled = new JournaledRun(this.#settings, facts, named)
    this.#live.set(facts.id, journaled)
    this.#heartbeat ??= setInterval(() => void this.#renew(), this.#settings.leaseMs / 3).unref()
    return journaled
  }

  /** Gives a run up that nobody is going to end. */
  leave(run: JournaledRun, state: 'completed' | 'failed'): void {
    this.#forget(run)
    run.end(state).catch(() => {})
  }

  /**
   * The run is over. A part of another run ends with that. Answers why it is none: somebody else has taken the run over,
   * which its owner may learn here only.
   */
  async end(run: Run, state: 'completed' | 'failed'): Promise<HoldfastError | undefined> {
    const place = this.#places.get(run)
    if (place === undefined || !this.#isWhole(run)) return undefined
    this.#places.delete(run)
    this.#leaving.delete(run)
    this.#forget(place.run)
    try {
      await place.run.end(state)
    } catch (error) {
      if (!place.run.isLost) throw error
    }
    return place.run.isLost ? place.run.refusal() : undefined
  }

  /** True while a call of the run has not ended. */
  isUnderWay(run: Run): boolean {
    return this.#places.get(run)?.run.isUnderWay === true
  }

  /** The run is over once no call of it came for a while: nobody can tell when. */
  endWhenIdle(run: Run): void {
    if (this.#isWhole(run)) this.#leaving.add(run)
  }

  /** Why the run cannot be over: something of it was refused. Told as the run itself ends, not its parts. */
  async refusal(run: Run, cause?: unknown): Promise<HoldfastError | undefined> {
    const place = this.#isWhole(run) ? this.#places.get(run) : undefined
    const refusal = place?.run.refusal(cause)
    if (refusal !== undefined) await place?.run.waits()
    return refusal
  }

  /** The run of that name that this process works on. */
  live(id: string): JournaledRun | undefined {
    return [...this.#live.values()].find((run) => run.id === id)
  }

  /** The work of a run begins. */
  workBegins(run: Run): void {
    this.#working.add(run)
  }

  /** The work of a run has ended, one way or the other. */
  workEnds(run: Run): void {
    this.#working.delete(run)
  }

  /**
   * Gives up the runs of a process that ends well, at once: nobody may be there to wait for more. What is still at
   * work stays unfinished, for somebody else to go on with.
   */
  async endAll(): Promise<void> {
    clearInterval(this.#heartbeat)
    const runs = [...this.#live.values()]
    this.#live.clear()
    const atWork = new Set([...this.#working].map((run) => this.#places.get(run)?.run))
    await Promise.allSettled(
      runs.map((run) => run.endNow(run.isUnderWay || atWork.has(run) ? 'running' : 'completed')),
    )
  }

  /** True for a run of the journal, false for a part of one: a run of the same name inside of it is the same. */
  #isWhole(run: Run): boolean {
    if (run.parent === undefined) return true
    if (!this.#named.has(run)) return false
    for (let above: Run | undefined = run.parent; above !== undefined; above = above.parent) {
      if (above.id === run.id) return false
    }
    return true
  }

  #newPlace(run: Run): Place {
    if (run.parent !== undefined && !this.#isWhole(run)) {
      const above = this.placeOf(run.parent)
      return { run: above.run, scope: `${above.scope}/${run.agent ?? ''}` }
    }
    if (this.#live.has(run.id)) {
      throw new HoldfastError('RUN_HELD', `this process works on run ${run.id} already`)
    }
    return { run: this.begin(factsOf(run), this.#named.has(run)), scope: '' }
  }

  #forget(gone: JournaledRun): void {
    for (const [id, run] of this.#live) if (run === gone) this.#live.delete(id)
    if (this.#live.size > 0) return
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }

  #endIdle(): void {
    for (const run of this.#leaving) {
      const place = this.#places.get(run)
      if (place === undefined) this.#leaving.delete(run)
      else if (place.run.idleMs > idleMs) this.end(run, 'completed').catch(() => {})
    }
  }

  async #renew(): Promise<void> {
    this.#endIdle()
    const runs = [...this.#live.values()].filter(({ lease }) => lease !== undefined)
    const leases = runs.flatMap(({ lease }) => (lease === undefined ? [] : [lease]))
    if (leases.length === 0) return
    try {
      const lost = new Set(await this.#settings.store.renew(leases, this.#settings.leaseMs))
      for (const run of runs) if (lost.has(run.id)) run.lose()
    } catch {
      // The lease runs on for a while; what is written meanwhile tells whether it is still ours.
    }
  }
}

function factsOf({ id, parent, agent, session, tenant, user }: Run): JournalRunFacts {
  return {
    id,
    ...(parent === undefined ? {} : { parentId: parent.id }),
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(user === undefined ? {} : { user }),
  }
}
