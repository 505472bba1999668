import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HoldfastError } from '@holdfast/core/errors'

const names = [
  'holdfast.config.json',
  'holdfast.config.mjs',
  'holdfast.config.js',
  'holdfast.config.ts',
]

/**
 * The configuration file of this process: the one that HOLDFAST_CONFIG names, else
 * `holdfast.config.{json,mjs,js,ts}` in the working folder.
 * @throws HoldfastError CONFIG_INVALID where HOLDFAST_CONFIG names a file that does not exist.
 */
export function findConfigFile(folder: string = process.cwd()): string | undefined {
  const named = process.env['HOLDFAST_CONFIG']
  if (named === undefined || named === '') {
    return names.map((name) => join(folder, name)).find((path) => existsSync(path))
  }
  const path = resolve(folder, named)
  if (existsSync(path)) return path
  throw new HoldfastError('CONFIG_INVALID', `HOLDFAST_CONFIG names ${named}, which does not exist`)
}
