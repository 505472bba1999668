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
