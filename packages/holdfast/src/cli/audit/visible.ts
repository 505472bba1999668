/** The text with what a terminal would obey, or a reader cannot see, as an escape like `\u001b`. */
export function visible(text: string): string {
  if (/^[ -~]*$/.test(text)) return text
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
