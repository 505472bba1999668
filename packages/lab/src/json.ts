/** The members of a JSON object. */
export type Members = Readonly<Record<string, unknown>>

/** The members of a value, none where it is no object. */
export function members(value: unknown): Members {
  return isMembers(value) ? value : {}
}

/** The objects in an array, none where it is no array. */
export function memberList(value: unknown): Members[] {
  return Array.isArray(value) ? value.map(members) : []
}

/** The value of a JSON text; undefined where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A string as it is, anything else as the empty one. */
export function textMember(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
