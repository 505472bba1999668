import { type JsonObject, object, parseJson } from './json.ts'

// Below this JSON.parse costs less than 10 µs and needs no second thought.
const parseBelow = 16_384

const quote = 34
const backslash = 92
const comma = 44
const colon = 58
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/**
 * The members of a JSON object, for a first look: those of a large one come with their arrays and objects emptied,
 * because only their kind is known. Undefined when the text is no JSON object.
 */
export function topLevel(body: string | Uint8Array): JsonObject | undefined {
  if (body.length < parseBelow) {
    const parsed = object(parseJson(textOf(body)))
    looked = parsed === undefined ? undefined : { body, parsed }
    return parsed
  }
  if (typeof body === 'string') return scan(body, (part) => part)
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  // One byte per character is enough to find the members; the few that are kept are decoded on their own.
  return scan(bytes.toString('latin1'), (part) => Buffer.from(part, 'latin1').toString('utf8'))
}

/** All members of the body that was looked at last, where this is it: it is not parsed twice. It is given away once. */
export function takeLooked(body: string | Uint8Array): JsonObject | undefined {
  const found = looked?.body === body ? looked.parsed : undefined
  if (found !== undefined) looked = undefined
  return found
}

let looked: { readonly body: string | Uint8Array; readonly parsed: JsonObject } | undefined

/** The text of a body in UTF-8. */
export function textOf(body: string | Uint8Array): string {
  if (typeof body === 'string') return body
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}

/** Walks one JSON object without building its values. Valid JSON is read exactly; broken JSON ends the walk. */
function scan(source: string, decode: (part: string) => string): JsonObject | undefined {
  const members: Record<string, unknown> = Object.create(null)
  let at = skipSpace(source, source.charCodeAt(0) === 0xfeff ? 1 : 0)
  if (source.charCodeAt(at) !== openBrace) return undefined
  at = skipSpace(source, at + 1)
  while (source.charCodeAt(at) === quote) {
    const nameEnd = stringEnd(source, at)
    const name = parseJson(decode(source.slice(at, nameEnd)))
    at = skipSpace(source, nameEnd)
    if (typeof name !== 'string' || source.charCodeAt(at) !== colon) return undefined
    at = skipSpace(source, at + 1)
    const end = valueEnd(source, at)
    if (end <= at) return undefined
    const first = source.charCodeAt(at)
    if (first === openBrace) members[name] = {}
    else if (first === openBracket) members[name] = []
    else members[name] = parseJson(decode(source.slice(at, end)))
    at = skipSpace(source, end)
    if (source.charCodeAt(at) !== comma) break
    at = skipSpace(source, at + 1)
  }
  return source.charCodeAt(at) === closeBrace ? members : undefined
}

function skipSpace(source: string, from: number): number {
  let at = from
  for (;;) {
    const code = source.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at
    at++
  }
}

/** The place after the closing quote of the string that starts here. */
function stringEnd(source: string, start: number): number {
  let end = start
  for (;;) {
    end = source.indexOf('"', end + 1)
    if (end < 0) return source.length
    let before = end - 1
    while (source.charCodeAt(before) === backslash) before--
    if ((end - before) % 2 === 1) return end + 1
  }
}

/** The place after the value that starts here. */
function valueEnd(source: string, start: number): number {
  let depth = 0
  let at = start
  while (at < source.length) {
    const code = source.charCodeAt(at)
    if (code === quote) {
      at = stringEnd(source, at)
      if (depth === 0) return at
      continue
    }
    if (code === openBrace || code === openBracket) depth++
    else if (code === closeBrace || code === closeBracket) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (depth === 0 && code === comma) return at
    at++
  }
  return at
}
