import { createRequire } from 'node:module'
import type { HoldfastOptions } from '../options.ts'
import type { Report } from '../report.ts'
import type { Probe } from './probe.ts'

const require = createRequire(import.meta.url)

/** The doctor's eyes, where `holdfast doctor --run` has started this process; undefined everywhere else. */
export function openProbe(options: HoldfastOptions, report: () => Report): Probe | undefined {
  const folder = process.env['HOLDFAST_DOCTOR']
  if (folder === undefined || folder === '') return undefined
  // Loaded here: nobody else pays for it.
  const { probe } = require('#doctor-probe') as typeof import('./probe.ts')
  return probe(folder, options, report)
}
