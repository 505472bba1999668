import { createRequire } from 'node:module'
import type { HoldfastOptions } from '../options.ts'
import { findConfigFile } from './find-config-file.ts'
import { isKnownGood, rememberGood } from './known-good.ts'

const require = createRequire(import.meta.url)

/**
 * What instrument() was given, over what the configuration file says. Checking takes zod and a JSON parser,
 * which an application that says nothing does not pay for.
 * @throws HoldfastError OPTIONS_INVALID or CONFIG_INVALID.
 */
export function effectiveOptions(options: HoldfastOptions | undefined): HoldfastOptions {
  const path = findConfigFile()
  if (options === undefined && path === undefined) return {}
  if (options === undefined && path !== undefined && isKnownGood(path)) {
    const { readConfigFile } = require('#config-file') as typeof import('./config-file.ts')
    return readConfigFile(path)
  }
  const { checkedConfigFile, checkedOptions } =
    require('#config-check') as typeof import('./check.ts')
  const given = options === undefined ? {} : checkedOptions(options)
  if (path === undefined) return given
  const configured = checkedConfigFile(path)
  rememberGood(path)
  return { ...configured, ...given }
}
