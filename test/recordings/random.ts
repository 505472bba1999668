/** A small seeded generator (mulberry32): the same seed gives the same cuts on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A seed made from a name. */
export function seedOf(name: string): number {
  let seed = 2166136261
  for (const character of name) seed = Math.imul(seed ^ (character.codePointAt(0) ?? 0), 16777619)
  return seed >>> 0
}

/** Cuts bytes into pieces of 1 to 97 bytes: through lines, events and characters. */
export function cut(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() ** 2 * 97)
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}
