// Runs in every agent's process, with Holdfast and without: tells of connections that nobody accepted.
// All else is seen from the provider's side.
import { subscribe } from 'node:diagnostics_channel'

import { tell } from './note.ts'

subscribe('undici:client:connectError', () =>
  tell({ type: 'connection-refused', atMs: performance.timeOrigin + performance.now() }),
)
