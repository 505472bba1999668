import type { Finding } from '../../decision.ts'

/** What stands against a call that has failed twice, and is made a third time. */
export function failedTwice(errors: readonly string[]): Finding | undefined {
  const [first = '', second = ''] = errors
  if (errors.length < 2) return undefined
  const how =
    first === second ? `each time with: ${first}` : `first with: ${first}; then with: ${second}`
  const reason = `The same call with the same arguments has failed twice already, ${how}`
  return { rule: 'call.failed-twice', verdict: 'deny', reason }
}
