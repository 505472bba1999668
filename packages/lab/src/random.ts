/** A seeded source of randomness: the same seed gives the same numbers, for ever. */
export interface Random {
  /** A number from 0 up to, not including, 1. */
  next(): number
  /** A word of the given length over an alphabet. @default letters and digits */
  word(length: number, alphabet?: string): string
}

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Makes a source of randomness from numbers: a seed and, say, a request's index. */
export function random(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9
  for (const seed of seeds) state = mix(state ^ mix((seed | 0) + 0x85ebca6b))

  // mulberry32: small, fast, and good enough to pick faults and to make up ids.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const word = (length: number, alphabet = alphanumeric): string =>
    Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('')
  return { next, word }
}

function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return hash ^ (hash >>> 15)
}
