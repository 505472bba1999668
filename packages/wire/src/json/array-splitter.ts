const quote = 34
const backslash = 92

/** Takes the elements out of a JSON array that arrives in pieces, cut anywhere. */
export class JsonArraySplitter {
  readonly #element: (source: string) => void
  #pending = ''
  #depth = 0
  #inString = false
  #escaped = false
  /** True once the array's closing bracket is in. */
  closed = false

  constructor(element: (source: string) => void) {
    this.#element = element
  }

  push(piece: string): void {
    let start = this.#depth > 1 ? 0 : -1
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at)
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (code === backslash) this.#escaped = true
        else if (code === quote) this.#inString = false
      } else if (code === quote) this.#inString = true
      else if (code === 123 || code === 91) {
        if (++this.#depth === 2) start = at
      } else if (code === 125 || code === 93) {
        this.#depth--
        if (this.#depth === 1) {
          const source = this.#pending + piece.slice(Math.max(start, 0), at + 1)
          this.#pending = ''
          start = -1
          this.#element(source)
        } else if (this.#depth === 0) this.closed = true
      }
    }
    if (start >= 0) this.#pending += piece.slice(start)
  }
}
