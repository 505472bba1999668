import { createRequire } from 'node:module'
import type { ApprovalStore } from '@holdfast/core/approvals'
import type { EncryptionOptions } from '@holdfast/journal'
import { namedKeys, usualPath } from '../journal/open-journal.ts'
import type { RedisStoreSetting, SqliteStoreSetting, StoreSetting } from '../limit-store.ts'
import type { HoldfastOptions } from '../options.ts'

const require = createRequire(import.meta.url)

/**
 * The store of that name, encrypted where there is a key. Its code is loaded here: who has none does not pay for it.
 * @throws HoldfastError STORE_UNUSABLE for a file that somebody else could read or change
 */
export function openApprovalStore(
  setting: StoreSetting | ApprovalStore,
  encryption: EncryptionOptions | undefined = namedKeys(),
): ApprovalStore {
  const store = openPlainStore(setting)
  if (encryption === undefined) return store
  const { encryptedApprovalStore } =
    require('@holdfast/core/approvals') as typeof import('@holdfast/core/approvals')
  return encryptedApprovalStore(store, encryption)
}

function openPlainStore(setting: StoreSetting | ApprovalStore): ApprovalStore {
  if (typeof setting === 'object' && 'redeem' in setting) return setting
  const named = typeof setting === 'string' ? fromText(setting) : setting
  if ('sqlite' in named) {
    const { sqliteApprovalStore } =
      require('@holdfast/store-sqlite') as typeof import('@holdfast/store-sqlite')
    return sqliteApprovalStore({ path: named.sqlite })
  }
  const { redisApprovalStore } =
    require('@holdfast/store-redis') as typeof import('@holdfast/store-redis')
  const { redis: url, ...rest } = named
  return redisApprovalStore({ url, ...rest })
}

function fromText(text: string): SqliteStoreSetting | RedisStoreSetting {
  return /^rediss?:/.test(text) ? { redis: text } : { sqlite: text.replace(/^sqlite:/, '') }
}

/** Where the options keep approvals: beside the runs that wait for them, else with the limits; undefined for nowhere. */
export function approvalStoreOf({
  approvals,
  journal,
  store,
}: Pick<HoldfastOptions, 'approvals' | 'journal' | 'store'>):
  | StoreSetting
  | ApprovalStore
  | undefined {
  if (approvals?.store !== undefined) return approvals.store
  const named = process.env['HOLDFAST_JOURNAL'] || undefined
  if (journal === false || (journal === undefined && named === undefined)) return store
  const ofJournal = (typeof journal === 'object' ? journal.store : undefined) ?? named ?? usualPath
  return typeof ofJournal === 'string' ? ofJournal : store
}
