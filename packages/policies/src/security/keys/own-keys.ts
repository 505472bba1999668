import type { HttpHeaders } from '@holdfast/core'
import { certainKeys, formsOf, looksLikeKey } from '../secrets/known-keys.ts'
import type { Environment } from '../secrets/known-keys.ts'
import { keyHeaders, keyOf } from './key-headers.ts'
import { type TextSearch, textSearch } from './text-search.ts'

/** Where the keys of this process are looked for. */
export interface OwnKeysOptions {
  /** @default process.env, looked at again from time to time */
  readonly environment?: Environment
  /** performance.now() time. */
  readonly now?: () => number
}

/** The environment is looked at again after so long: many applications fill it after they have started. */
const lookAgainMs = 5_000
/** Keys that calls went out with: the latest so many. */
const mostSeen = 200

/** The keys of this process: what its environment names as one, and what its calls go out with. */
export class OwnKeys {
  readonly #environment: Environment
  readonly #now: () => number
  readonly #seen = new Map<string, string>()
  #fromEnvironment: readonly string[] = []
  #lookedAt = -Infinity
  #search: TextSearch | undefined
  #version = 0

  constructor({ environment = process.env, now = () => performance.now() }: OwnKeysOptions = {}) {
    this.#environment = environment
    this.#now = now
  }

  /** Remembers the key that a request goes out with. */
  see(headers: HttpHeaders): void {
    for (const name of keyHeaders) {
      const value = headers.get(name)
      if (value !== null && !this.#seen.has(value)) this.#add(value)
    }
  }

  /** Grows whenever there is another key. */
  get version(): number {
    this.#current()
    return this.#version
  }

  /** True where one of the keys stands in the text, in one of its forms. */
  in(text: string): boolean {
    return this.#current().in(text)
  }

  placesIn(text: string): readonly (readonly [start: number, end: number])[] {
    return this.#current().placesIn(text)
  }

  #add(header: string): void {
    // A signature is good for one request.
    const key = keyOf(header)
    const wanted = looksLikeKey(key) ? key : ''
    this.#seen.set(header, wanted)
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > mostSeen && oldest !== undefined) this.#seen.delete(oldest)
    if (wanted !== '') this.#search = undefined
  }

  #current(): TextSearch {
    const now = this.#now()
    if (now - this.#lookedAt > lookAgainMs) {
      this.#lookedAt = now
      const keys = certainKeys(this.#environment)
      const before = this.#fromEnvironment
      if (keys.length !== before.length || keys.some((key, index) => key !== before[index])) {
        this.#fromEnvironment = keys
        this.#search = undefined
      }
    }
    if (this.#search === undefined) {
      const keys = [...this.#fromEnvironment, ...this.#seen.values()].filter((key) => key !== '')
      this.#search = textSearch(keys.flatMap(formsOf))
      this.#version++
    }
    return this.#search
  }
}
