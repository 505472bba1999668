// `node --import holdfast/auto app.js`, or `import 'holdfast/auto'` first in the application's file.
// Options come from holdfast.config.*; HOLDFAST=off leaves the process alone.
import { isPreloaded } from './is-preloaded.ts'
import { preload } from './preload.ts'

if (process.env['HOLDFAST'] !== 'off') {
  if (isPreloaded()) preload()
  // The imports that follow are evaluated meanwhile; the file that imports this waits, and finds them attached to.
  else await import('./instrument.ts').then(({ instrumentFirst }) => instrumentFirst())
}
