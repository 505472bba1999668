/** No key is shorter; one that is shorter than the second has a digit. */
const shortest = 12
const shortestWithoutDigit = 16

/** True for a text with a word that may be a key by its length: few texts that people write have one. */
export function hasLongWord(text: string): boolean {
  // Wherever such a word begins, it stands across one of these places.
  for (let at = shortest - 1; at < text.length; at += shortest) {
    let digits = digitsOf(text.charCodeAt(at))
    if (digits < 0) continue
    let [start, end] = [at, at + 1]
    for (; end - start < shortestWithoutDigit; start--) {
      const more = digitsOf(text.charCodeAt(start - 1))
      if (more < 0) break
      digits += more
    }
    for (; end - start < shortestWithoutDigit; end++) {
      const more = digitsOf(text.charCodeAt(end))
      if (more < 0) break
      digits += more
    }
    const length = end - start
    if (length >= (digits > 0 ? shortest : shortestWithoutDigit)) return true
  }
  return false
}

/** 1 for a digit, 0 for another character of a word, -1 for what is none. */
function digitsOf(code: number): number {
  if (code >= 97 && code <= 122) return 0
  if (code >= 48 && code <= 57) return 1
  return (code >= 65 && code <= 90) || code === 95 || code === 45 ? 0 : -1
}
