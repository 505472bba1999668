/** Candidates, and the words around them that count, are shorter. */
const around = 160
/** The shortest number that somebody has: so many letters and digits, and so many digits among them. */
const fewestCharacters = 7
const fewestDigits = 3
/** A word that is longer and has no digit belongs to no number. */
const longestGroup = 4
/** One that is as long and has a digit may be a passport or an address, whose digits may be few by chance. */
const shortestCode = 9

const days = /^\D{0,2}(?:19|20)\d{2}-\d{2}-\d{2}(?:T\d{2})?\D?$/

/**
 * The parts of a text in which numbers stand that somebody may have, with what is around them: groups of letters and
 * digits with one mark between them. All of it where that is most of it anyway, nothing where there are none.
 */
export function partsWithNumbers(text: string): readonly (readonly [start: number, end: number])[] {
  const parts: [start: number, end: number][] = []
  let covered = 0
  // Of the groups so far, and of the group under way.
  let [start, characters, digits] = [0, 0, 0]
  let [groupAt, groupDigits] = [-1, 0]
  let mark = false

  const endGroup = (index: number): void => {
    const length = index - groupAt
    if (groupDigits === 0 && length > longestGroup) endNumber(groupAt)
    else {
      if (characters === 0) start = groupAt
      characters += length
      digits += length >= shortestCode ? fewestDigits : groupDigits
    }
    groupAt = -1
    groupDigits = 0
  }
  const endNumber = (index: number): void => {
    if (digits >= fewestDigits && characters >= fewestCharacters) keep(start, index)
    characters = 0
    digits = 0
  }
  const keep = (from: number, to: number): void => {
    if (to - from < 18 && days.test(text.slice(from, to))) return
    const [first, end] = [Math.max(0, from - around), Math.min(text.length, to + around)]
    const last = parts.at(-1)
    if (last !== undefined && first <= last[1]) last[1] = end
    else parts.push([first, end])
  }

  let digitAt = -1
  for (let index = 0; index <= text.length; index++) {
    if (characters === 0 && groupAt < 0 && index > digitAt) {
      // Between numbers there is mostly a lot that has no digit.
      digitAt = nextDigit(text, index)
      if (digitAt < 0) break
      index = groupsBefore(text, digitAt, index)
    }
    const code = index < text.length ? text.charCodeAt(index) : 10
    const kind = code < 128 ? (kinds[code] ?? 0) : 0
    if (kind >= letter) {
      if (groupAt < 0) groupAt = index
      groupDigits += kind - letter
      mark = false
      continue
    }
    if (groupAt >= 0) endGroup(index)
    if (kind === bracket) continue
    if (characters > 0 && (mark || !isMark(code))) endNumber(index)
    mark = true
  }
  for (const [from, to] of parts) covered += to - from
  return covered > text.length * 0.7 ? [[0, text.length]] : parts
}

function nextDigit(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) return at
  }
  return -1
}

/** Where the groups begin that may belong to a digit; not before `from`. */
function groupsBefore(text: string, digitAt: number, from: number): number {
  let at = digitAt
  for (; at > from; at--) {
    const code = text.charCodeAt(at - 1)
    if (code < 128 && kinds[code] === 0 && !isMark(code)) break
  }
  return at
}

const bracket = 1
/** A digit is one more. */
const letter = 2
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 40 || code === 41) return bracket
  if (code >= 48 && code <= 57) return letter + 1
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? letter : 0
})

/** Blank, plus, hyphen, full stop, slash, underscore, and hyphens of other makes. */
function isMark(code: number): boolean {
  return (
    code === 32 ||
    code === 43 ||
    (code >= 45 && code <= 47) ||
    code === 95 ||
    code === 0xa0 ||
    code === 0x2010 ||
    code === 0x2011
  )
}
