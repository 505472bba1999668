/**
 * Looks at JSON from the inside, without reading all of it: from a quote that is known to stand outside of any string,
 * outwards to what it is a part of. What is looked for stands near the end of a request, however long that is.
 */

const quote = 34
const backslash = 92
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/** A body as text in which each character of JSON's own is one; other characters may be several. */
export function jsonText(body: string | Uint8Array): string {
  if (typeof body === 'string') return body
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
}

/** The text of the object that the member at this place belongs to. */
export function objectAround(text: string, at: number): string | undefined {
  const start = openingBefore(text, at)
  if (start < 0 || text.charCodeAt(start) !== openBrace) return undefined
  const end = closingAfter(text, at)
  return end < 0 ? undefined : text.slice(start, end + 1)
}

/** How many objects and arrays a place stands in; looks from the nearer end. */
export function depthAt(text: string, at: number): number {
  let depth = 0
  if (at < text.length / 2) {
    for (let one = openingBefore(text, at); one >= 0; one = openingBefore(text, one)) depth++
  } else {
    for (let one = closingAfter(text, at); one >= 0; one = closingAfter(text, one + 1)) depth++
  }
  return depth
}

/** Where the object or array begins that this place stands in; -1 where there is none. */
function openingBefore(text: string, from: number): number {
  let depth = 0
  for (let at = from - 1; at >= 0; at--) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = stringStart(text, at)
        break
      case closeBrace:
      case closeBracket:
        depth++
        break
      case openBrace:
      case openBracket:
        if (depth === 0) return at
        depth--
        break
      default:
    }
  }
  return -1
}

/** Where it ends. */
function closingAfter(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = stringEnd(text, at)
        if (at < 0) return -1
        break
      case openBrace:
      case openBracket:
        depth++
        break
      case closeBrace:
      case closeBracket:
        if (depth === 0) return at
        depth--
        break
      default:
    }
  }
  return -1
}

/** The quote that a string begins with, from the one that it ends with; -1 where there is none. */
function stringStart(text: string, end: number): number {
  let at = end
  do at = text.lastIndexOf('"', at - 1)
  while (at > 0 && isEscaped(text, at))
  return at
}

function stringEnd(text: string, start: number): number {
  let at = start
  do at = text.indexOf('"', at + 1)
  while (at > 0 && isEscaped(text, at))
  return at
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes++
  return backslashes % 2 === 1
}
