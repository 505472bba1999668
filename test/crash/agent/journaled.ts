import { DatabaseSync } from 'node:sqlite'
import type { JournalStore } from '@holdfast/core'
import { redisJournal } from '@holdfast/store-redis'
import { sqliteJournal } from '@holdfast/store-sqlite'
import { HoldfastError, instrument, run } from 'holdfast'
import type { EffectInDoubt, RunsApi } from 'holdfast'
import type { Job } from '../job.ts'
import type { ToolPlace, TruthFile } from '../truth.ts'
import { samePlace } from '../truth.ts'
import type { Pass } from './death.ts'
import { killingStore } from './killing-store.ts'
import { passInsideOfStore } from './log-deaths.ts'

/** Runs work as the job's run of the journal, until nothing is in doubt any more. */
export type KeepGoing = (work: () => Promise<string>) => Promise<string>

/** Puts Holdfast under this process, with a journal in whose writes it can die. */
export function journaled(job: Job, truth: TruthFile, pass: Pass): KeepGoing {
  passInsideOfStore(job.dieAt?.point, pass)
  const holdfast = instrument({
    telemetry: false,
    journal: {
      store: killingStore(openStore(job), pass, checkpointing(job, pass)),
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
      const doubts = await runs.inDoubt(job.runId)
      if ('value' in outcome) {
        if (doubts.length === 0) return outcome.value
        throw new Error(`${doubts.length} effects are in doubt, but the run did not say so`)
      }
      if (doubts.length === 0) throw outcome.error
      await resolveAsAPerson(runs, doubts, truth, pass)
    }
  }
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

function openStore({ cell, storeAt }: Job): JournalStore {
  return cell.store === 'redis' ? redisJournal({ url: storeAt }) : sqliteJournal({ path: storeAt })
}

/** Where the process is to die behind a checkpoint of the database, there is one after each record. */
function checkpointing({ dieAt, storeAt }: Job, pass: Pass): (() => void) | undefined {
  if (dieAt?.point !== 'checkpoint-after') return undefined
  const database = new DatabaseSync(storeAt, { timeout: 1_000 })
  return () => {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    pass('checkpoint-after')
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
