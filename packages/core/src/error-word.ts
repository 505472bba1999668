/**
 * The text, where it is the name of a kind of error: `ECONNRESET`, `rate_limit_exceeded`, `ThrottlingException`, `1302`.
 * Whoever throws may put anything into a code or a name, a key too; what is written down is a word or nothing.
 */
export function errorWord(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '' || text.length > 64) return undefined
  return text.split(/[_.-]/).every(isWord) ? text : undefined
}

/** Small or capital letters; words written together; a short number; or few letters with a short number in them. */
const words = [
  /^(?:[a-z]{0,24}|[A-Z]{1,16}|\d{1,6})$/,
  /^(?=.{1,48}$)(?:[A-Z]{1,5}(?=[A-Z][a-z])|[A-Z]?[a-z]{2,})+[A-Z]{0,5}$/,
  /^(?=.{1,14}$)[A-Za-z]+\d{1,3}[A-Za-z]*$/,
]

function isWord(piece: string): boolean {
  return words.some((word) => word.test(piece))
}
