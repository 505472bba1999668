import { existsSync } from 'node:fs'
import { HoldfastError } from '@holdfast/core'

/**
 * The address of a store to look into: looking makes no file.
 * @throws HoldfastError OPTIONS_INVALID where there is no such file.
 */
export function existingStore(store: string): string {
  const path = store.replace(/^sqlite:/, '')
  if (!/^rediss?:/.test(store) && !existsSync(path)) {
    throw new HoldfastError('OPTIONS_INVALID', `there is no store ${path}`)
  }
  return store
}
