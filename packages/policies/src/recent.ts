/** So many values by key; the one that was not asked for the longest goes first. */
export class Recent<V> {
  readonly #most: number
  readonly #values = new Map<string, V>()
  #newest: string | undefined

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#values.size
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  /** The value, made where there is none. */
  take(key: string, make: () => V): V {
    const known = this.#values.get(key)
    if (known !== undefined && key === this.#newest) return known
    const value = known ?? make()
    this.set(key, value)
    return value
  }

  set(key: string, value: V): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    this.#newest = key
    if (this.#values.size <= this.#most) return
    const [oldest] = this.#values.keys()
    if (oldest !== undefined) this.#values.delete(oldest)
  }

  delete(key: string): void {
    this.#values.delete(key)
  }
}
