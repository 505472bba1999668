import { DatabaseSync } from 'node:sqlite'
import type { JournalStore } from '@holdfast/core'
import { redisJournal } from '@holdfast/store-redis'
import { sqliteJournal } from '@holdfast/store-sqlite'
import type { Job } from '../job.ts'
import type { Pass } from './death.ts'
import { killingStore } from './killing-store.ts'
import { passInsideOfStore } from './log-deaths.ts'

/** The job's journal, in whose writes the process can die. */
export function journalStore(job: Job, pass: Pass): JournalStore {
  passInsideOfStore(job.dieAt?.point, pass)
  return killingStore(openStore(job), pass, checkpointing(job, pass))
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
