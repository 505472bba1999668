import type { PersonalDataOptions } from '../personal-data/scanner.ts'

/** What is looked for in what the model says, and what is done about it. */
export interface OutputOptions {
  /** `observe` tells a decision, `redact` cuts it out, `refuse` ends the call with an error. @default 'observe' */
  readonly action?: 'observe' | 'redact' | 'refuse'
  /** Secrets and keys of this process. @default true */
  readonly secrets?: boolean
  /** Personal data that this session has not given the model itself. @default false */
  readonly personalData?: false | PersonalDataOptions
  readonly patterns?: readonly OutputPattern[]
}

/** Something of your own that the model may not say. */
export interface OutputPattern {
  /** Appears in decisions and in the mark that takes its place. */
  readonly name: string
  readonly pattern: RegExp
  /** How long a match with blanks in it can be: so many characters of a stream are held back. @default 0: matches are one word */
  readonly maxLength?: number
}
