// The same for `require('holdfast/auto')` and `--require`: nobody can wait here, and need not, since what is required
// later is loaded later.
import { createRequire } from 'node:module'
import { isPreloaded } from './is-preloaded.ts'
import { preload } from './preload.ts'

const require = createRequire(import.meta.url)

if (process.env['HOLDFAST'] !== 'off') {
  if (isPreloaded()) preload()
  else (require('#instrument') as typeof import('./instrument.ts')).instrument()
}
