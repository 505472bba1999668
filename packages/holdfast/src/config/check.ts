import { HoldfastError } from '@holdfast/core'
import type { HoldfastOptions } from '../options.ts'
import { checkOptions } from './check-options.ts'
import { readConfigFile } from './config-file.ts'

/**
 * What a configuration file says, if nothing is wrong with it.
 * @throws HoldfastError CONFIG_INVALID with file and line.
 */
export function checkedConfigFile(path: string): HoldfastOptions {
  return readConfigFile(path, checkOptions)
}

/**
 * The options, if nothing is wrong with them.
 * @throws HoldfastError OPTIONS_INVALID that names each option, what came and what is allowed.
 */
export function checkedOptions(options: HoldfastOptions): HoldfastOptions {
  const problems = checkOptions(options)
  if (problems.length === 0) return options
  throw new HoldfastError(
    'OPTIONS_INVALID',
    `instrument(): ${problems.map(({ text }) => text).join('; ')}`,
  )
}
