// Runs beside holdfast/auto, which has already begun: listens to what Holdfast tells.
import { instrument } from 'holdfast'

import { now, tell } from './note.ts'

instrument().on((event) => {
  if (event.type === 'fallback-taken') tell({ type: event.type, atMs: now(), to: event.to })
})
