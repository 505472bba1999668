/** Looks for many texts at once. */
export interface TextSearch {
  /** True where one of the texts stands in it. */
  in(text: string): boolean
  /** The places of all of them. */
  placesIn(text: string): readonly (readonly [start: number, end: number])[]
}

/** Texts that are shorter than this are not looked for. */
export const shortestSearched = 6

/**
 * A search for texts of at least six characters that mostly jumps: three characters that end in none of the texts'
 * beginnings let it skip as many places as the shortest text has (the method of Wu and Manber).
 */
export function textSearch(texts: Iterable<string>): TextSearch {
  const wanted = [...new Set(texts)].filter(({ length }) => length >= shortestSearched)
  const shortest = Math.min(...wanted.map(({ length }) => length), 64)
  const shifts = new Uint8Array(tableSize).fill(shortest - 2)
  const buckets = new Map<number, string[]>()
  for (const text of wanted) {
    for (let end = 2; end < shortest; end++) {
      const hash = hashAt(text, end)
      shifts[hash] = Math.min(shifts[hash] ?? 0, shortest - 1 - end)
    }
    const hash = hashAt(text, shortest - 1)
    const bucket = buckets.get(hash)
    if (bucket === undefined) buckets.set(hash, [text])
    else bucket.push(text)
  }

  /** The next place at or behind `end` where the first part of a text may end; -1 where there is none. */
  const candidate = (text: string, end: number): number => {
    const { length } = text
    let at = end
    while (at < length) {
      const shift = shifts[hashAt(text, at)] ?? 0
      if (shift === 0) return at
      at += shift
    }
    return -1
  }

  return {
    in(text) {
      if (wanted.length === 0) return false
      for (let at = candidate(text, shortest - 1); at >= 0; at = candidate(text, at + 1)) {
        const start = at - shortest + 1
        if (buckets.get(hashAt(text, at))?.some((one) => text.startsWith(one, start)) === true)
          return true
      }
      return false
    },
    placesIn(text) {
      const places: [number, number][] = []
      if (wanted.length === 0) return places
      for (let at = candidate(text, shortest - 1); at >= 0; at = candidate(text, at + 1)) {
        const start = at - shortest + 1
        for (const one of buckets.get(hashAt(text, at)) ?? []) {
          if (text.startsWith(one, start)) places.push([start, start + one.length])
        }
      }
      return places
    },
  }
}

const tableSize = 1 << 13

/** Of the three characters that end at a place. */
function hashAt(text: string, end: number): number {
  return (
    (text.charCodeAt(end) ^ (text.charCodeAt(end - 1) << 4) ^ (text.charCodeAt(end - 2) << 8)) &
    (tableSize - 1)
  )
}
