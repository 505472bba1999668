/** Where the list that grows from turn to turn stands in a request's body. */
export interface ListPlace {
  /** Behind the opening bracket. */
  readonly start: number
}

/** Members that hold the conversation: OpenAI Chat and Anthropic, Responses, Gemini. */
const listNames = new Set(['messages', 'input', 'contents'])

/** Finds the conversation in the text of a JSON object without reading the rest; undefined where there is none. */
export function findList(text: string): ListPlace | undefined {
  let at = skipSpace(text, 0)
  if (text[at] !== '{') return undefined
  at = skipSpace(text, at + 1)
  while (text[at] === '"') {
    const nameEnd = stringEnd(text, at)
    const name = text.slice(at + 1, nameEnd - 1)
    at = skipSpace(text, nameEnd)
    if (text[at] !== ':') return undefined
    at = skipSpace(text, at + 1)
    if (listNames.has(name) && text[at] === '[') return { start: at + 1 }
    at = skipSpace(text, valueEnd(text, at))
    if (text[at] !== ',') return undefined
    at = skipSpace(text, at + 1)
  }
  return undefined
}

/**
 * The end of the next element of a list, from a place behind the bracket or behind the element before. Undefined at
 * the end of the list, and for elements other than objects and strings: those do not tell where they end.
 */
export function nextElement(
  text: string,
  from: number,
): { readonly start: number; readonly end: number } | undefined {
  let start = skipSpace(text, from)
  if (text[start] === ',') start = skipSpace(text, start + 1)
  const first = text[start]
  if (first !== '{' && first !== '"') return undefined
  const end = valueEnd(text, start)
  return end > text.length ? undefined : { start, end }
}

function skipSpace(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break
  }
  return at
}

/** Behind the closing quote; beyond the text where there is none. */
function stringEnd(text: string, quote: number): number {
  for (let at = text.indexOf('"', quote + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return at + 1
  }
  return text.length + 1
}

/** Behind a value; beyond the text where it is cut off. */
function valueEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 34: // "
        at = stringEnd(text, at) - 1
        if (depth === 0) return at + 1
        break
      case 123: // {
      case 91: // [
        depth++
        break
      case 125: // }
      case 93: // ]
        if (depth === 0) return at
        if (--depth === 0) return at + 1
        break
      case 44: // ,
        if (depth === 0) return at
        break
      default:
    }
  }
  return text.length + 1
}
