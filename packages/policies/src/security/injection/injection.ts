import { type WordSearch, wordSearch } from '../keys/word-search.ts'
import { signals } from './signals.ts'

/** Where a text comes from: a person may give orders, a tool's result may not. */
export type TextSource = 'user' | 'tool-result'

/** What to do with a text. */
export type InjectionAction = 'pass' | 'mark' | 'withhold'

/** How much a text tries to command the model. */
export interface InjectionReport {
  /** 0 is none; from `markAt` it should be marked as data, from `withholdAt` it should not reach the model. */
  readonly score: number
  readonly action: InjectionAction
  /** The names of what was found. */
  readonly signals: readonly string[]
}

/** From which score something happens. */
export interface InjectionOptions {
  readonly source?: TextSource
  /** @default 4 */
  readonly markAt?: number
  /** @default 9 */
  readonly withholdAt?: number
  /** Only this many characters are looked at from the start, and as many from the end. @default 50000 */
  readonly maxLength?: number
}

/**
 * Scores how much a text gives orders to a model.
 * It sees the forms that attacks are known by and nothing else: what it lets pass is still data from outside, and
 * the tool gate is what keeps a hijacked model from doing harm.
 */
export function scanInjection(text: string, options: InjectionOptions = {}): InjectionReport {
  const { source = 'tool-result', markAt = 4, withholdAt = 9, maxLength = 50_000 } = options
  const looked =
    text.length > maxLength * 2 ? `${text.slice(0, maxLength)}\n${text.slice(-maxLength)}` : text
  // Most texts have one script and no word of a signal: they are soon done with.
  const ascii = isAscii(looked)
  const lines = plainText(looked, ascii)
  // A sentence goes on in the next line; only the marks of turns need to stand at the beginning of one.
  const flowing = /\s\s|[^\S ]/.test(lines)
    ? lines.replace(/[^\S\n]+/g, ' ').replace(/([\w,]) ?\n ?(?=\w)/g, '$1 ')
    : lines
  const found = new Map<string, number>()
  const mayMatch = ascii ? signalsWithWords(lines, flowing) : undefined
  for (const [index, { name, pattern, inResults, inUserText }] of signals.entries()) {
    if (mayMatch !== undefined && !mayMatch.has(index)) continue
    const weight = source === 'user' ? inUserText : inResults
    const plain = name === 'turn-marker' ? lines : flowing
    const match = weight === 0 ? null : pattern.exec(plain)
    if (match === null) continue
    found.set(
      name,
      Math.max(found.get(name) ?? 0, isReported(plain, match.index, match[0].length) ? 1 : weight),
    )
  }
  const hidden = ascii ? 0 : hiddenCharacters(looked)
  if (hidden > 0) found.set('hidden-characters', hidden)
  const score = [...found.values()].reduce((sum, weight) => sum + weight, 0)
  const action = score >= withholdAt ? 'withhold' : score >= markAt ? 'mark' : 'pass'
  return { score, action, signals: [...found.keys()] }
}

/** The text as a model reads it: lookalikes made plain, invisible characters gone, lower case. */
function plainText(text: string, ascii: boolean): string {
  const seen = ascii ? text : text.normalize('NFKC').replace(/[\p{Cf}\u{e0000}-\u{e007f}]/gu, '')
  return (seen.includes('&') ? withoutEntities(seen) : seen).toLowerCase()
}

function withoutEntities(text: string): string {
  return text
    .replace(/&(?:lt|#60);/g, '<')
    .replace(/&(?:gt|#62);/g, '>')
    .replace(/&(?:quot|#34);/g, '"')
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false
  return true
}

let search: WordSearch | undefined
let signalsOf: number[][] = []

/** Which signals a text has words of. */
function signalsWithWords(lines: string, flowing: string): ReadonlySet<number> {
  if (search === undefined) {
    const words = [...new Set(signals.flatMap((signal) => signal.words))]
    signalsOf = words.map((word) =>
      [...signals.keys()].filter((index) => signals[index]?.words.includes(word) === true),
    )
    search = wordSearch(words)
  }
  const found = new Set<number>()
  const add = (word: number): void => {
    for (const index of signalsOf[word] ?? []) found.add(index)
  }
  search(flowing, add)
  if (lines !== flowing) search(lines, add)
  return found
}

/** Somebody tells of an attack: it stands in quotation marks behind a word that says so. */
function isReported(text: string, index: number, length: number): boolean {
  const before = text.slice(Math.max(0, index - 60), index)
  const after = text.slice(index + length, index + length + 40)
  return (
    /["'“‘«`][^"'”’»`\n]{0,20}$/.test(before) &&
    /^[^"'”’»`\n]{0,20}["'”’»`]/.test(after) &&
    /\b(?:said|says|wrote|writes|quot\w*|such as|like|e\.g\.|example|phrase|string|called|titled|attack\w*|report\w*|detect\w*|pattern|containing)\b/.test(
      before + after,
    )
  )
}

/** Text that people cannot see: tag characters spell words, zero-width ones wrap them. */
function hiddenCharacters(text: string): number {
  if (/[\u{e0020}-\u{e007e}]{4}/u.test(text)) return 9
  if (/[\u202a-\u202e\u2066-\u2069]/.test(text)) return 3
  // Around words, not inside of an emoji or between letters of a script that uses them.
  const wraps =
    text.match(
      /(?:^|\s)[\u200b\u2060\ufeff]{1,20}(?=\S)|(?<=\S)[\u200b\u2060\ufeff]{1,20}(?:\s|$)|[\u200b\u2060]{2,}(?=\w)/g,
    )?.length ?? 0
  return wraps >= 2 ? 4 : 0
}
