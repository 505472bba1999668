// The same for `require('holdfast/auto')`, `--require`, and bundles: nobody can wait here, and need not, since what is
// required later is loaded later.
import { instrument, instrumentPreloaded } from './instrument.ts'
import { isPreloaded } from './is-preloaded.ts'

if (process.env['HOLDFAST'] !== 'off') {
  if (isPreloaded()) instrumentPreloaded()
  else instrument()
}
