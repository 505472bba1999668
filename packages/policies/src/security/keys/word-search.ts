/** Where words stand in a text: the word's place in the list, and where it begins; upper and lower case are the same. */
export type WordSearch = (text: string, found: (word: number, start: number) => void) => void

/**
 * A search for many words in one pass, whatever their number (the automaton of Aho and Corasick). Words are ASCII.
 */
export function wordSearch(words: readonly string[]): WordSearch {
  const classes = new Uint8Array(128)
  let count = 1
  for (const word of words) {
    for (const character of word.toLowerCase()) {
      const code = character.charCodeAt(0)
      if (code < 128 && classes[code] === 0) classes[code] = count++
    }
  }
  for (let code = 65; code <= 90; code++) classes[code] = classes[code + 32] ?? 0

  const states = words.reduce((sum, { length }) => sum + length, 1)
  const next = new Uint16Array(states * count)
  const endsHere: number[][] = [[]]
  let last = 0
  for (const [index, word] of words.entries()) {
    let state = 0
    for (const character of word) {
      const at = state * count + (classes[character.charCodeAt(0)] ?? 0)
      if (next[at] === 0) {
        next[at] = ++last
        endsHere[last] = []
      }
      state = next[at] ?? 0
    }
    endsHere[state]?.push(index)
  }

  // Breadth first: each state takes over what the longest other beginning that ends where it does would do.
  const fallsTo = new Uint16Array(last + 1)
  const queue: number[] = []
  for (let kind = 0; kind < count; kind++) if (next[kind] !== 0) queue.push(next[kind] ?? 0)
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0
    const fall = fallsTo[state] ?? 0
    endsHere[state]?.push(...(endsHere[fall] ?? []))
    for (let kind = 0; kind < count; kind++) {
      const at = state * count + kind
      const other = next[fall * count + kind] ?? 0
      const child = next[at] ?? 0
      if (child === 0) next[at] = other
      else {
        fallsTo[child] = other
        queue.push(child)
      }
    }
  }
  // In the order of their depth: nearly all of a text is read at the few states at the beginning, which stay at hand.
  const order = [0, ...queue]
  const places = new Uint32Array(order.length)
  for (const [place, state] of order.entries()) places[state] = place
  const table = new Uint32Array(order.length * count)
  const ends: (readonly number[] | undefined)[] = []
  for (const [place, state] of order.entries()) {
    const words = endsHere[state] ?? []
    ends.push(words.length > 0 ? words : undefined)
    for (let kind = 0; kind < count; kind++) {
      const target = next[state * count + kind] ?? 0
      const wordsEnd = (endsHere[target]?.length ?? 0) > 0
      // Where the row of the next state begins, and whether a word ends there.
      table[place * count + kind] = (places[target] ?? 0) * count * 2 + (wordsEnd ? 1 : 0)
    }
  }
  const lengths = words.map(({ length }) => length)

  return (text, found) => {
    let row = 0
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      const target = table[row + (code < 128 ? (classes[code] ?? 0) : 0)] ?? 0
      row = target >>> 1
      if ((target & 1) === 0) continue
      for (const word of ends[row / count] ?? []) found(word, index + 1 - (lengths[word] ?? 0))
    }
  }
}
