type Json = Record<string, unknown>

/** Somewhere in an element that holds such an id, one of these stands. */
const marks = /tool_call|tool_use|call_id|functionCall|functionResponse|toolUse/

/**
 * The text of a message with its tool-call ids replaced by the order of their first appearance in the conversation.
 * Frameworks that make the ids themselves make new ones when the code runs again; which result belongs to which call
 * stays the same. `ids` holds those seen so far, and gets the new ones.
 */
export function withOrderedIds(element: string, ids: Map<string, number>): string {
  if (!marks.test(element)) return element
  let value: unknown
  try {
    value = JSON.parse(element)
  } catch {
    return element
  }
  if (!isObject(value)) return element
  const rename = (holder: Json, name: string): void => {
    const id = holder[name]
    if (typeof id !== 'string') return
    let order = ids.get(id)
    if (order === undefined) ids.set(id, (order = ids.size))
    holder[name] = `#${order}`
  }
  rename(value, 'tool_call_id')
  rename(value, 'call_id')
  for (const call of objects(value['tool_calls'])) rename(call, 'id')
  for (const part of objects(value['content'])) {
    if (part['type'] === 'tool_use') rename(part, 'id')
    rename(part, 'tool_use_id')
    for (const name of ['toolUse', 'toolResult']) inside(part, name, 'toolUseId')
  }
  for (const part of objects(value['parts'])) {
    for (const name of ['functionCall', 'functionResponse']) inside(part, name, 'id')
  }
  return JSON.stringify(value)

  function inside(part: Json, name: string, member: string): void {
    const inner = part[name]
    if (isObject(inner)) rename(inner, member)
  }
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
