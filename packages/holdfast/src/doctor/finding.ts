import type { DoctorFacts } from './facts.ts'

/** `critical`: not to go to production with. `warning`: mend it. `advice`: better. */
export type Severity = 'critical' | 'warning' | 'advice'

/** One thing that is missing or wrong. */
export interface Finding {
  /** The check's name: `loose-schemas`. */
  readonly check: string
  readonly severity: Severity
  /** What is wrong, in one sentence. */
  readonly problem: string
  /** What shows it: names, counts, places. Never a value. */
  readonly evidence: string
  /** The line to add or to run, as it can be copied. */
  readonly add: string
  /** Where the line goes. */
  readonly to: 'options' | 'code' | 'environment' | 'shell' | 'schema'
}

/** Looks at the facts for one thing. */
export type Check = (facts: DoctorFacts) => readonly Omit<Finding, 'check'>[]

const mostNames = 6

/** A few names, and how many more there are. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ')
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown
}

/** A name as a member of an object is written. */
export function member(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}
