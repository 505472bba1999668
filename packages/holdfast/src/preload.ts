import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { effectiveOptions } from './config/effective-options.ts'
import { currentInstance, setInstance } from './instance.ts'
import type { Started } from './instrument.ts'
import { takeHold } from './take-hold.ts'

const require = createRequire(import.meta.url)

/**
 * Takes hold of a process before the application's first line. An application starts many processes and threads that
 * never call a model: policies are loaded, and stores opened, when the first call is caught.
 * @throws HoldfastError CONFIG_INVALID
 */
export function preload(): void {
  const instance = currentInstance()
  if (instance !== undefined) {
    instance.users++
    return
  }
  const options = effectiveOptions(undefined)
  // What is opened then is not the first call's.
  const outside = AsyncLocalStorage.snapshot()
  let started: Started | undefined
  const begin = (): Started => {
    if (started !== undefined) return started
    const { start } = require('#instrument') as typeof import('./instrument.ts')
    return (started = outside(() => start(options, () => grip, grip.adapters?.maskers())))
  }
  const grip = takeHold(options, { preloaded: true }, () => begin().lines)
  const watched = isSet('HOLDFAST_DOCTOR')
  setInstance({
    standsIn: watched,
    get handle() {
      return begin().handle
    },
    users: 1,
    async end() {
      if (started === undefined) grip.release()
      else await started.end()
    },
  })
  // Who looks on sees a process that makes no call, too.
  if (watched || isSet('HOLDFAST_DEBUG')) begin()
}

function isSet(variable: string): boolean {
  return (process.env[variable] ?? '') !== ''
}
