import { createHmac } from 'node:crypto'
import type { TextFinding } from '../text-finding.ts'

/** Characters of a placeholder's last part: no letter that is taken for a digit. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const tokenLength = 12

/** What a placeholder begins with. */
const placeholderStart = 'PRIVATE_'
/** No placeholder is longer, with a backslash before each of its marks. */
const longestPlaceholder = placeholderStart.length + 24 + 1 + tokenLength + 8

/**
 * Every text that could be a placeholder, of whichever session. Models that write Markdown put a backslash before an
 * underscore.
 */
export const placeholderPattern: RegExp =
  /PRIVATE(?:\\?_[A-Z0-9]+){1,7}?\\?_[0-9A-HJKMNP-TV-Z]{12}/g

/** The placeholder as it was issued. */
export function issuedForm(found: string): string {
  return found.includes('\\') ? found.replaceAll('\\', '') : found
}

/** The beginning of a placeholder that the rest of may still come. */
const begun = /^PRIVATE(?:\\?_[A-Z0-9]*)*\\?$/

/**
 * What stands for a value: always the same for the same value of a session, and not to be guessed by who knows neither
 * the value nor the key. It is one word without marks, which models copy as it is, and which needs no escaping anywhere.
 */
export function placeholderFor(
  value: string,
  kind: string,
  key: string | Uint8Array,
  session: string,
): string {
  const hash = createHmac('sha256', key).update(`${session}\n${kind}\n${value}`).digest()
  let token = ''
  for (let index = 0; index < tokenLength; index++) token += alphabet[(hash[index] ?? 0) & 31]
  return `${placeholderStart}${wordFor(kind)}_${token}`
}

/** What stands for a value that nobody gets back. */
export function markFor(kind: string): string {
  return `REDACTED_${wordFor(kind)}`
}

/** Where the last characters begin that may be the beginning of a placeholder; the text's length where none are. */
export function beginningOfPlaceholder(text: string): number {
  const from = Math.max(0, text.length - longestPlaceholder)
  for (let at = text.indexOf('P', from); at >= 0; at = text.indexOf('P', at + 1)) {
    const tail = text.slice(at)
    if (placeholderStart.startsWith(tail) || begun.test(tail)) return at
  }
  return text.length
}

/** A placeholder, or little more than one: somebody has been here already. */
export function isPlaceholderAt(text: string, { start, end }: TextFinding): boolean {
  const value = text.slice(start, end)
  if (!value.includes('PRIVATE_') && !value.includes('REDACTED_')) return false
  return value.replace(placeholderPattern, '').replace(/REDACTED_[A-Z0-9_]+/g, '').length < 8
}

function wordFor(kind: string): string {
  const plain = kind.replace(/^(?:pii|secret)\./, '').toUpperCase()
  return (
    plain
      .replace(/[^A-Z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 24)
      .replace(/_+$/, '') || 'DATA'
  )
}
