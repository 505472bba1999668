import { hash } from 'node:crypto'

/** Arguments of a tool call as one text, whatever order their members came in. */
export interface CanonicalArguments {
  /** Canonical JSON: members sorted by name at every depth, no white space. */
  readonly text: string
  /** SHA-256 of the text, in hexadecimal. */
  readonly hash: string
}

/** The one form that approvals are shown, bound and redeemed by. JSON text, as some frameworks hand it over, is read first. */
export function canonicalArguments(given: unknown): CanonicalArguments {
  const text = JSON.stringify(sorted(parsed(given))) ?? 'null'
  return { text, hash: hash('sha256', text) }
}

function parsed(given: unknown): unknown {
  if (typeof given !== 'string') return given
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}

/** What JSON.stringify would see, in an order that does not depend on who wrote it. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return sorted(value.toJSON())
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  // fromEntries defines members, so that `__proto__` is one like any other.
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]))
}
