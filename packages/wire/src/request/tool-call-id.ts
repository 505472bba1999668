import { hash } from 'node:crypto'

/** Which ids of tool calls a provider accepts. */
export interface IdRules {
  readonly pattern: RegExp
  readonly maxLength: number
  /** How one is made where another is not accepted. @default call_ and 24 digits */
  readonly made?: { readonly prefix: string; readonly digits: number }
}

/** The id itself where the provider accepts it, else one made from it: the same one every time. */
export function fittingId(id: string, rules: IdRules): string {
  return id.length <= rules.maxLength && rules.pattern.test(id) ? id : hashedId(id, rules)
}

/** An id made from something, always the same one. */
export function hashedId(source: string, { made = usual }: IdRules): string {
  return made.prefix + hash('sha256', source).slice(0, made.digits)
}

const usual = { prefix: 'call_', digits: 24 }
