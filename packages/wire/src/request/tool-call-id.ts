import { hash } from 'node:crypto'

/** Which ids of tool calls a provider accepts. */
export interface IdRules {
  readonly pattern: RegExp
  readonly maxLength: number
}

/** The id itself where the provider accepts it, else one made from it: the same one every time. */
export function fittingId(id: string, { pattern, maxLength }: IdRules): string {
  return id.length <= maxLength && pattern.test(id) ? id : hashedId(id)
}

/** An id in a shape that every provider accepts. */
export function hashedId(source: string): string {
  return `call_${hash('sha256', source).slice(0, 24)}`
}
