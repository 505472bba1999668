/** So many characters in common are no accident. */
const longEnough = 24
const step = longEnough / 2
/** An argument as short as this is taken from a text where all of it stands there. */
const wholeIsEnough = 8

/** True where a substantial piece of one of the texts stands in another one: it may come from there. */
export function sharesText(texts: readonly string[], other: string): boolean {
  const source = plain(other)
  const wanted = texts.map(plain).filter((text) => text.length >= wholeIsEnough)
  if (wanted.some((text) => source.includes(text))) return true
  const long = wanted.filter((text) => text.length >= longEnough)
  if (long.length === 0 || source.length < longEnough) return false
  const pieces = piecesOf(long, step)
  let whole: Set<string> | undefined
  // A long piece that they share holds one of the source's pieces at every twelfth place.
  for (let at = 0; at + step <= source.length; at += step) {
    if (!pieces.has(source.slice(at, at + step))) continue
    whole ??= piecesOf(long, longEnough)
    for (let start = Math.max(0, at - step); start <= at; start++) {
      if (whole.has(source.slice(start, start + longEnough))) return true
    }
  }
  return false
}

/** Every piece of this length. */
function piecesOf(texts: readonly string[], length: number): Set<string> {
  const pieces = new Set<string>()
  for (const text of texts) {
    for (let at = 0; at + length <= text.length; at++) pieces.add(text.slice(at, at + length))
  }
  return pieces
}

/** Neither case nor blanks make a difference. */
function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
}
