import { setImmediate } from 'node:timers/promises'
import { HoldfastError } from '@holdfast/core'
import type {
  EffectInDoubt,
  EffectResolution,
  JournalQuery,
  JournalRun,
  JournalStore,
} from '@holdfast/core'
import { isGone, thisProcess } from './owner.ts'
import type { ReadEntry, Resolution } from './record/entries.ts'
import { readEntries } from './record/read-entry.ts'
import { requestBody } from './request/recorded-request.ts'
import type { JournaledRuns } from './run/journaled-runs.ts'
import { effectInDoubt, effectsOf, isInDoubt } from './run/run-records.ts'
import { storeResolution } from './tool.ts'
import { exportRun, importRun } from './transfer/transfer.ts'
import type { Display, ExportOptions, ImportOptions, Progress } from './transfer/transfer.ts'

/** What runs can be asked for, and what can be done about them. */
export interface RunsApi {
  /** The latest first. */
  list(query?: JournalQuery): Promise<readonly JournalRun[]>
  find(id: string): Promise<JournalRun | undefined>
  /** What happened in a run, in order. */
  entries(id: string): Promise<readonly ReadEntry[]>
  /** The body of the request that a record of the run was made of. */
  request(id: string, seq: number): Promise<string | undefined>
  /**
   * Effects of which nobody knows what they did, and that somebody has to settle: of one run, or of all that are
   * unfinished. Those whose tool is to be retried, skipped or reconciled settle themselves when the run goes on.
   */
  inDoubt(id?: string): Promise<readonly EffectInDoubt[]>
  /**
   * Says what became of an effect in doubt. A run that waited for it goes on when it is run again.
   * @throws HoldfastError RUN_HELD while another process works on the run
   */
  resolve(effectId: string, resolution: EffectResolution): Promise<void>
  /** Forgets finished runs that nobody has touched for so long. Answers how many went. */
  prune(options: {
    readonly olderThanMs: number
    readonly unfinished?: boolean
    readonly onProgress?: Progress
  }): Promise<number>
  /** Gives all runs that nobody holds to the newest key. Answers how many. */
  rekey(options?: { readonly onProgress?: Progress }): Promise<number>
  /** A run as lines of JSON. Secrets and personal data are taken out of it unless `full` asks for everything. */
  export(id: string, options?: ExportOptions): AsyncIterable<string>
  /** Puts an exported run into this journal, under its own id or another one. Answers the id. */
  import(text: string, options?: ImportOptions): Promise<string>
}

const leaseMs = 30_000
const asked = { owner: thisProcess, ttlMs: leaseMs, only: 'existing' } as const

export function runsApi(
  store: JournalStore,
  runs: JournaledRuns,
  display: Display | undefined,
): RunsApi {
  const entries = async (id: string): Promise<readonly ReadEntry[]> =>
    readEntries(await store.read(id))

  const inDoubtOf = async (run: JournalRun): Promise<readonly EffectInDoubt[]> => {
    // What a living owner has begun is not in doubt, but under way; unless he waits for it to be resolved.
    const waiting = runs.live(run.id)?.waitingFor
    const working = run.owner !== undefined && run.state === 'running' && isAlive(run)
    return effectsOf(await entries(run.id))
      .filter(isInDoubt)
      .filter(({ intent }) => intent.inDoubt === undefined)
      .filter(({ seq }) => (waiting === undefined ? !working : waiting.has(seq)))
      .map((effect) => effectInDoubt(run.id, effect))
  }

  return {
    list: (query) => store.list(query),
    find: (id) => store.find(id),
    entries,

    async request(id, seq) {
      return requestBody(await entries(id), seq, (hash) => store.blob(id, hash))
    },

    async inDoubt(id) {
      const unfinished =
        id === undefined
          ? await store.list({ states: ['running', 'waiting'], limit: 10_000 })
          : [await store.find(id)].filter((run) => run !== undefined)
      return (await Promise.all(unfinished.map(inDoubtOf))).flat()
    },

    async resolve(effectId, resolution) {
      const at = effectId.lastIndexOf('#')
      const runId = effectId.slice(0, at)
      const seq = Number(effectId.slice(at + 1))
      const effect = effectsOf(await entries(runId)).find((one) => one.seq === seq)
      if (effect === undefined || !isInDoubt(effect)) {
        throw new HoldfastError('OPTIONS_INVALID', `there is no effect ${effectId} in doubt`)
      }
      const stored = storeResolution(seq, resolution, 'person')
      const live = runs.live(runId)
      if (live !== undefined) {
        await live.append('resolution', stored)
        const waiting = live.waitingFor.get(seq)
        if (waiting !== undefined) waiting.resolution = stored
        live.waitingFor.delete(seq)
        return
      }
      await writeResolution(store, runId, stored)
    },

    export: (id, options = {}) => exportRun(store, id, options, display),
    import: (text, options) => importRun(store, text, options),

    async rekey({ onProgress } = {}) {
      const beganMs = Date.now()
      let done = 0
      for (;;) {
        const some = await store.list({ updatedBeforeMs: beganMs, limit: 50 })
        let taken = 0
        for (const { id, state } of some) {
          // Whoever takes a run gives it to the newest key.
          const answer = await store.acquire({ ...asked, facts: { id } })
          if (!answer.taken) continue
          await store.update(answer.lease, { state: answer.run?.state ?? state, release: true })
          taken++
          onProgress?.(done + taken)
        }
        done += taken
        if (taken === 0) return done
      }
    },

    async prune({ olderThanMs, unfinished = false, onProgress }) {
      let removed = 0
      for (;;) {
        const old = await store.list({
          updatedBeforeMs: Date.now() - olderThanMs,
          ...(unfinished ? {} : { states: ['completed', 'failed'] as const }),
          // A few at a time: others want to write, and this process to work.
          limit: 5,
        })
        const gone = await store.remove(old.map(({ id }) => id))
        removed += gone
        onProgress?.(removed)
        if (gone === 0) return removed
        await setImmediate()
      }
    },
  }
}

/** Takes the run for as long as it takes to write one line, and gives it back as it was. */
async function writeResolution(
  store: JournalStore,
  runId: string,
  resolution: Resolution,
): Promise<void> {
  const request = { ...asked, facts: { id: runId } }
  let answer = await store.acquire(request)
  if (!answer.taken && answer.run?.owner !== undefined && isGone(answer.run.owner)) {
    answer = await store.acquire({ ...request, overFence: answer.run.fence })
  }
  if (!answer.taken) {
    throw new HoldfastError('RUN_HELD', `another process works on run ${runId}`, {
      retryable: true,
    })
  }
  const { lease } = answer
  const read = await store.read(runId)
  await store.append(lease, [
    {
      seq: (read.at(-1)?.seq ?? -1) + 1,
      kind: 'resolution',
      atMs: Date.now(),
      data: JSON.stringify(resolution),
    },
  ])
  // It still waits to be run again.
  await store.update(lease, { state: 'waiting', release: true })
}

function isAlive({ owner, leaseUntilMs }: JournalRun): boolean {
  return owner !== undefined && leaseUntilMs > Date.now() && !isGone(owner)
}
