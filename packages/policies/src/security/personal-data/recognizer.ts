/** How much harm it does when it gets out: `high` identifies or pays, `medium` reaches somebody, `low` hints. */
export type PersonalDataRisk = 'high' | 'medium' | 'low'

/** Finds one kind of personal data. */
export interface Recognizer {
  /** e.g. `iban`, `us-ssn`. */
  readonly kind: string
  readonly risk: PersonalDataRisk
  /** Candidates; bounded, so that no text makes it slow. */
  readonly pattern: RegExp
  /** Whether a candidate is one: check digits, lengths, ranges. May answer with a shorter one. */
  readonly check?: (candidate: string) => boolean | string
  /**
   * Candidates are groups of letters and digits, seven at least and three of them digits, or a word of nine with one:
   * texts without are not looked at. @default false
   */
  readonly digits?: boolean
  /** Words near a candidate that say what it is; without any of them it is not one. */
  readonly context?: RegExp
}

const before = 60
const after = 30

/** True where the words around a place say what stands there. */
export function saidAround(text: string, start: number, end: number, context: RegExp): boolean {
  return (
    context.test(text.slice(Math.max(0, start - before), start)) ||
    context.test(text.slice(end, end + after))
  )
}
