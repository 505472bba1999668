/** Names of the rows in Redis. One hash tag for all: a request may take from any of them together. */
export class LimitKeys {
  readonly #tag: string

  constructor(prefix: string) {
    this.#tag = `{${prefix}}`
  }

  circuit(key: string): string {
    return `${this.#tag}:circuit:${key}`
  }

  /** The sums, and what is reserved. */
  budget(key: string): [sums: string, open: string] {
    return [`${this.#tag}:budget:${key}`, `${this.#tag}:reserved:${key}`]
  }

  slots(key: string): string {
    return `${this.#tag}:slots:${key}`
  }

  rate(key: string): string {
    return `${this.#tag}:rate:${key}`
  }

  batch(id: string): string {
    return `${this.#tag}:settled:${id}`
  }
}
