// What Holdfast reads in the agents' working folder. The demo sets BACKUP_BASE_URL.
import type { HoldfastOptions } from 'holdfast'

const backup = process.env['BACKUP_BASE_URL']

const options: HoldfastOptions = {
  reliability: {
    // Shorter than the default of a minute, so that nobody has to watch a stalled stream for that long.
    timeout: { firstContentMs: 5_000 },
    ...(backup === undefined ? {} : { fallback: { to: [{ baseUrl: backup }] } }),
  },
  runLog: 'stderr',
}

export default options
