import { HoldfastError, instrument, run } from 'holdfast'
import type { EffectInDoubt, RunsApi } from 'holdfast'
import type { Job } from '../job.ts'
import { sessionOf } from '../openclaw/container.ts'
import type { ToolPlace, TruthFile } from '../truth.ts'
import { samePlace } from '../truth.ts'
import type { Pass } from './death.ts'
import { journalStore } from './journal-store.ts'

/** Runs work as the job's run of the journal, until nothing is in doubt any more. */
export type KeepGoing = (work: () => Promise<string>) => Promise<string>

/** Puts Holdfast under this process, with a journal in whose writes it can die. */
export function journaled(job: Job, truth: TruthFile, pass: Pass): KeepGoing {
  const holdfast = instrument({
    telemetry: false,
    journal: {
      store: journalStore(job, pass),
      leaseMs: job.leaseMs ?? 300,
      ...(job.divergence === undefined ? {} : { divergence: job.divergence }),
      warn: (message) => truth.write({ at: 'warned', message }),
      // It only makes the calls of a round; what they do is journaled call by call.
      tools: { record_all: 'retry' },
    },
  })
  const { runs } = holdfast
  if (runs === undefined) throw new Error('there is no journal')
  holdfast.on(({ type }) => {
    if (type === 'run-diverged') truth.write({ at: 'diverged' })
  })
  return async (work) => {
    for (;;) {
      const outcome = await settled(run({ id: job.runId, agent: 'recorder' }, work))
      if ('error' in outcome && !saysInDoubt(outcome.error)) throw outcome.error
      const doubts = await doubtsOf(job, runs)
      if ('value' in outcome) {
        if (doubts.length === 0) return outcome.value
        throw new Error(`${doubts.length} effects are in doubt, but the run did not say so`)
      }
      if (doubts.length === 0) throw outcome.error
      await resolveAsAPerson(runs, doubts, truth, pass)
    }
  }
}

/** OpenClaw's run has a name that it found by itself. */
async function doubtsOf({ runId, cell }: Job, runs: RunsApi): Promise<readonly EffectInDoubt[]> {
  if (cell.agent !== 'openclaw') return runs.inDoubt(runId)
  const its = await runs.list({ session: sessionOf(runId) })
  return (await Promise.all(its.map(({ id }) => runs.inDoubt(id)))).flat()
}

/** Looks into the file of the tools what has happened, and says so. */
async function resolveAsAPerson(
  runs: RunsApi,
  doubts: readonly EffectInDoubt[],
  truth: TruthFile,
  pass: Pass,
): Promise<void> {
  for (const { id, arguments: given } of doubts) {
    const { step, slot } = given as ToolPlace
    truth.write({ at: 'surfaced', step, slot })
    const effect = truth
      .read()
      .filter((line) => line.at === 'effect')
      .find((line) => samePlace(line, { step, slot }))
    truth.write({ at: 'settled', step, slot, as: effect === undefined ? 'again' : 'done' })
    pass('settle-before')
    await runs.resolve(
      id,
      effect === undefined ? { as: 'again' } : { as: 'done', value: effect.receipt },
    )
    pass('settle-after')
  }
}

function saysInDoubt(error: unknown): boolean {
  return HoldfastError.is(error) && error.code === 'EFFECT_IN_DOUBT'
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

async function settled<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error }
  }
}
