import { partsOf } from '../request/recorded-request.ts'
import type { Entries, EntryKind, StoredValue } from '../record/entries.ts'

/** Takes out of a text what not everybody may see. */
export type Redact = (text: string) => string

/** Names and hashes that the journal makes itself. */
const ownNames = new Set(['fingerprint', 'idempotencyKey', 'blob', 'kind', 'state'])

/** An entry, other than a model call's, without what not everybody may see. */
export function redactedEntry(kind: EntryKind, data: Entries[EntryKind], redact: Redact): unknown {
  switch (kind) {
    case 'tool-outcome':
    case 'resolution': {
      const outcome = data as Entries['tool-outcome'] | Entries['resolution']
      const { value } = outcome
      return redactedValue(
        value === undefined ? outcome : { ...outcome, value: readable(value) },
        redact,
      )
    }
    default:
      return redactedValue(data, redact)
  }
}

/** Redacts the bodies of requests one after the other: what several say is looked through once. */
export function bodyRedactor(redact: Redact): (body: string) => string {
  const known = new Map<string, string>()
  return (body) => {
    let redacted = ''
    for (const part of partsOf(body)) {
      let seen = known.get(part)
      if (seen === undefined) known.set(part, (seen = redactedJson(part, redact)))
      redacted += seen
    }
    return redacted
  }
}

/** JSON, or a piece of it, with the texts in it redacted: also those of JSON that is in a text itself. */
export function redactedJson(json: string, redact: Redact): string {
  return json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/gs, (literal) => {
    let text: string
    try {
      text = JSON.parse(literal) as string
    } catch {
      return '"[left out]"'
    }
    return JSON.stringify(redactedText(text, redact))
  })
}

/** The same for what anybody may have written. */
export function redactedText(text: string, redact: Redact): string {
  if (!/^\s*[[{]/.test(text)) return redact(text)
  // Both: a secret may stand across the texts of what only looks like JSON.
  return redact(redactedJson(text, redact))
}

export function redactedValue<Value>(value: Value, redact: Redact): Value {
  const walked = (part: unknown, name?: string): unknown => {
    if (name !== undefined && ownNames.has(name)) return part
    if (typeof part === 'string') return redactedText(part, redact)
    // A number may be somebody's: a phone's, a card's.
    if (typeof part === 'number' && Math.abs(part) >= 1e6 && !isTime(name)) {
      const text = redact(String(part))
      return text === String(part) ? part : text
    }
    if (Array.isArray(part)) return part.map((one) => walked(one))
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).map(([key, one]) => [redact(key), walked(one, key)]),
    )
  }
  return walked(value) as Value
}

function isTime(name: string | undefined): boolean {
  return name?.endsWith('Ms') === true
}

/** A structured clone cannot be looked through. */
function readable(value: StoredValue): StoredValue {
  return value.as === 'clone' ? { as: 'json', value: '[left out]' } : value
}
