import { createRequire } from 'node:module'
import { keepOwnKeys } from '@holdfast/policies/own-keys'
import type { Security, SecurityOptions, SecurityParts } from '@holdfast/policies/security'
import { namedKeys } from '../journal/open-journal.ts'
import type { HoldfastOptions } from '../options.ts'
import { keptKey } from './kept-key.ts'

const require = createRequire(import.meta.url)

/** True: the usual parts are on. False: not even keys of the process are looked for. */
export type SecuritySetting = boolean | SecurityOptions

/**
 * The security policies that the options ask for; undefined where they ask for none at all. Unless they ask for more,
 * keys of the process are kept from models; the code of the rest is loaded where it is asked for.
 */
export function openSecurity(
  options: HoldfastOptions,
  parts: Pick<SecurityParts, 'bug' | 'limitStore' | 'approver'>,
): Security | undefined {
  const { security: setting, journal, approvals } = options
  if (setting === false) return undefined
  if (setting === undefined) return keepOwnKeys(parts)
  const { security } =
    require('@holdfast/policies/security') as typeof import('@holdfast/policies/security')
  return security(setting === true ? {} : setting, {
    ...parts,
    // Who is asked where nobody answers would wait for ever: without approvals `ask` refuses.
    approver: approvals === undefined ? undefined : parts.approver,
    placeholderKey: placeholderKeyOf(journal),
  })
}

/** True where operations are counted, in the store that processes share if there is one. */
export function hasRates(setting: SecuritySetting | undefined): boolean {
  return typeof setting === 'object' && setting.rates !== undefined
}

/** A run that is gone on with has to say the same again, placeholders too: their key is the journal's, or kept beside it. */
function placeholderKeyOf(journal: HoldfastOptions['journal']): SecurityParts['placeholderKey'] {
  const named = process.env['HOLDFAST_JOURNAL'] || undefined
  const isNamed = named !== undefined || Boolean(process.env['HOLDFAST_REPLAY'])
  if ((journal ?? isNamed) === false) return undefined
  const settings = typeof journal === 'object' ? journal : {}
  const key = settings.encryption?.key ?? namedKeys()?.key
  if (key !== undefined) return typeof key === 'function' ? key : () => key
  const store = settings.store ?? named
  return typeof store === 'object' ? undefined : () => keptKey(store)
}
