/** How many characters two texts have in common at their beginnings. `guess` is tried first. */
export function commonStart(one: string, other: string, guess: number): number {
  const length = longest(
    Math.min(one.length, other.length),
    guess,
    (from, to) => one.slice(from, to) === other.slice(from, to),
  )
  return isHalf(one, length) ? length - 1 : length
}

/** The same at their ends, at most so many. */
export function commonEnd(one: string, other: string, most: number, guess: number): number {
  const length = longest(
    most,
    guess,
    (from, to) =>
      one.slice(one.length - to, one.length - from) ===
      other.slice(other.length - to, other.length - from),
  )
  return isHalf(one, one.length - length) ? length - 1 : length
}

/** Comparing slices is a memcmp: many characters take hardly longer than one. */
function longest(
  most: number,
  guess: number,
  alike: (from: number, to: number) => boolean,
): number {
  let at = guess > 0 && guess <= most && alike(0, guess) ? guess : 0
  // Most texts that differ do so at once, or right behind the guess.
  let step = 16
  let end = Math.min(at + step, most)
  while (at < most && alike(at, end)) {
    at = end
    step *= 2
    end = Math.min(at + step, most)
  }
  while (end - at > 1) {
    const middle = (at + end) >>> 1
    if (alike(at, middle)) at = middle
    else end = middle
  }
  return at
}

/** True where the place cuts a character in two: half of one cannot be written. */
function isHalf(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00
}
