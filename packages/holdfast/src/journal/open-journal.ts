import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { JournalStore } from '@holdfast/core'
import type { EncryptionOptions, Journal, JournalOptions } from '@holdfast/journal'
import { keepOutOfGit } from '../keep-out-of-git.ts'
import type { Prices } from '@holdfast/telemetry'
import { display } from './display.ts'
import type { JournalSettings } from './journal-options.ts'

const require = createRequire(import.meta.url)

/** Where runs are kept unless somebody says so. */
export const usualPath = '.holdfast/journal.db'

/** What a journal is given beside the application's options. */
interface Given {
  readonly alarm: (error: unknown) => void
  readonly prices: Prices | undefined
  /** What frameworks write into their requests that differs from one start to the next. */
  readonly maskers: readonly RegExp[]
}

/**
 * The journal that the options ask for; undefined where none does. Its code is loaded here: who has none does not pay
 * for it.
 * @throws HoldfastError STORE_UNUSABLE for a file that is not safe to use, or of a newer version
 */
export function openJournal(
  option: boolean | JournalSettings | undefined,
  { alarm, prices, maskers }: Given,
): Journal | undefined {
  const named = process.env['HOLDFAST_JOURNAL']
  const replayRun = process.env['HOLDFAST_REPLAY'] || undefined
  const asked = option ?? (replayRun !== undefined || (named !== undefined && named !== ''))
  if (asked === false) return undefined
  const { store = named || usualPath, durability, ...given } = asked === true ? {} : asked
  const options: Omit<JournalSettings, 'store'> =
    replayRun === undefined ? given : { ...given, record: 'replay', replayRun }
  const encryption = options.encryption ?? namedKeys()
  const { journal } = require('@holdfast/journal') as typeof import('@holdfast/journal')
  return journal({
    ...options,
    maskers: [...(options.maskers ?? []), ...maskers],
    ...(encryption === undefined ? {} : { encryption }),
    alarm,
    display,
    ...(prices === undefined ? {} : { costOf: costOf(prices) }),
    store: openJournalStore(store, durability),
  })
}

/** By the prices that are known when a call ends. */
function costOf(prices: Prices): NonNullable<JournalOptions['costOf']> {
  return ({ provider, host, model }, usage) => {
    void prices.ready()
    return prices.cost({ provider, host, models: [model] }, usage)
  }
}

/** The keys that the environment names. */
export function namedKeys(): EncryptionOptions | undefined {
  const key = process.env['HOLDFAST_KEY']
  if (key === undefined || key === '') return undefined
  const oldKeys = (process.env['HOLDFAST_OLD_KEYS'] ?? '').split(',').filter((one) => one !== '')
  return { key, oldKeys }
}

/** The store of that name. */
export function openJournalStore(
  store: string | JournalStore,
  durability?: 'process' | 'power',
): JournalStore {
  if (typeof store !== 'string') return store
  if (/^rediss?:/.test(store)) {
    const { redisJournal } =
      require('@holdfast/store-redis') as typeof import('@holdfast/store-redis')
    return redisJournal({ url: store })
  }
  if (store === usualPath) keepOutOfGit(dirname(store))
  const { sqliteJournal } =
    require('@holdfast/store-sqlite') as typeof import('@holdfast/store-sqlite')
  return sqliteJournal({ path: store, ...(durability === undefined ? {} : { durability }) })
}
