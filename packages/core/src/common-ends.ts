// Requests of a conversation mostly say what the one before said and a little more. Comparing two slices is a memcmp:
// thousands of characters take hardly longer than one.

/** True where both texts begin with the same characters, so many. */
export function startsAlike(one: string, other: string, length: number): boolean {
  if (length === 0) return true
  // Most that differ do so at the place where the other one ends.
  if (one.length < length || one.charCodeAt(length - 1) !== other.charCodeAt(length - 1)) {
    return false
  }
  return one.slice(0, length) === other.slice(0, length)
}

/** How many characters two texts have in common at their beginnings. `guess` is tried first. */
export function commonStart(one: string, other: string, guess: number): number {
  const most = Math.min(one.length, other.length)
  let at = guess > 0 && guess <= most && startsAlike(one, other, guess) ? guess : 0
  // Most texts that differ do so at once, or right behind the guess.
  const nearby = Math.min(at + near, most)
  while (at < nearby && one.charCodeAt(at) === other.charCodeAt(at)) at++
  if (at === nearby) {
    at = furthest(at, most, (from, to) => one.slice(from, to) === other.slice(from, to))
  }
  return isHalf(one, at) ? at - 1 : at
}

/** The same at their ends, at most so many. */
export function commonEnd(one: string, other: string, most: number, guess: number): number {
  const alike = (from: number, to: number): boolean =>
    one.slice(one.length - to, one.length - from) ===
    other.slice(other.length - to, other.length - from)
  let at = guess > 0 && guess <= most && alike(0, guess) ? guess : 0
  const nearby = Math.min(at + near, most)
  while (
    at < nearby &&
    one.charCodeAt(one.length - 1 - at) === other.charCodeAt(other.length - 1 - at)
  ) {
    at++
  }
  if (at === nearby) at = furthest(at, most, alike)
  return isHalf(one, one.length - at) ? at - 1 : at
}

const near = 16

/** The last place up to which the texts are alike, which they are up to `from`. */
function furthest(
  from: number,
  most: number,
  alike: (from: number, to: number) => boolean,
): number {
  let at = from
  let step = near
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
