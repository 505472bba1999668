/** A text as JSON. Short plain ones, which most are, need nobody's help. */
export function jsonText(text: string): string {
  const { length } = text
  if (length > longestPlain) return JSON.stringify(text)
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    const isPlain = code >= 32 && code < 127 && code !== quote && code !== backslash
    if (!isPlain) return JSON.stringify(text)
  }
  return `"${text}"`
}

const longestPlain = 100
const quote = 34
const backslash = 92

/** The JSON of an object that ends with a number, without that: in one piece, which most texts made of pieces are not. */
export function untilNumber(value: object): string {
  return JSON.stringify(value).slice(0, -2)
}

/** Tenths of a millisecond. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** The same as JSON. Whole numbers are written sooner than others. */
export function roundedText(ms: number): string {
  return `${Math.round(ms * 10)}e-1`
}
