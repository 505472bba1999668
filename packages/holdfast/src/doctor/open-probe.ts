import { createRequire } from 'node:module'
import type { HoldfastOptions } from '../options.ts'
import type { Report } from '../report.ts'
import type { Probe } from './probe.ts'

const require = createRequire(import.meta.url)

/** The doctor's eyes, where `holdfast doctor --run` has started this process; undefined everywhere else. */
export function openProbe(options: HoldfastOptions, report: () => Report): Probe | undefined {
  const folder = process.env['HOLDFAST_DOCTOR'] ?? ''
  if (folder === '') return undefined
  // Loaded here: nobody else pays for it.
  const { probe } = require('#doctor-probe') as typeof import('./probe.ts')
  return probe(folder, options, report)
}

/** Prints what this process covers, where HOLDFAST_DEBUG asks for it. Returns what ends that. */
export function openDebugReport(report: () => Report): (() => void) | undefined {
  if ((process.env['HOLDFAST_DEBUG'] ?? '') === '') return undefined
  const { debugReport } = require('#debug-report') as typeof import('./debug-report.ts')
  return debugReport(report)
}
