import type { JsonObject } from '../json/json.ts'

/**
 * The JSON text of a changed body. Where one list alone has changed in few places, as a conversation does that gets a
 * note, only these are written: the rest of the text goes out as it came.
 */
export function writtenBody(
  after: JsonObject,
  before: JsonObject,
  source: string | Uint8Array | undefined,
): string {
  const spliced = typeof source === 'string' ? splice(after, before, source) : undefined
  return spliced ?? JSON.stringify(after)
}

/** More elements than that are as quickly written with all the others. */
const mostWritten = 4

function splice(after: JsonObject, before: JsonObject, source: string): string | undefined {
  const name = onlyChange(after, before)
  if (name === undefined) return undefined
  const [was, is] = [before[name], after[name]]
  if (!Array.isArray(was) || !Array.isArray(is)) return undefined
  const least = Math.min(was.length, is.length)
  let start = 0
  while (start < least && was[start] === is[start]) start++
  let end = 0
  while (end < least - start && was[was.length - 1 - end] === is[is.length - 1 - end]) end++
  // What is put in or taken out has no place of its own: its neighbour is written with it.
  if (start + end === least) {
    if (end > 0) end--
    else if (start > 0) start--
    else return undefined
  }
  const old = was.slice(start, was.length - end)
  if (old.length > mostWritten) return undefined
  const text = elements(old)
  // Inside of a JSON string every quote is escaped, so that this is the beginning of an object and nothing else.
  if (!/^\{"\w/.test(text)) return undefined
  const at = source.lastIndexOf(text)
  if (at < 0 || source.indexOf(text) !== at) return undefined
  return (
    source.slice(0, at) +
    elements(is.slice(start, is.length - end)) +
    source.slice(at + text.length)
  )
}

/** The one member that is another value; undefined where there are several, or one has come or gone. */
function onlyChange(after: JsonObject, before: JsonObject): string | undefined {
  let changed: string | undefined
  let members = 0
  for (const name in after) {
    members++
    if (after[name] === before[name]) continue
    if (changed !== undefined) return undefined
    changed = name
  }
  return members === Object.keys(before).length ? changed : undefined
}

function elements(list: readonly unknown[]): string {
  return JSON.stringify(list).slice(1, -1)
}
