import { httpHeaders, type HttpHeaders } from '@holdfast/core/http'

/** Headers that are put together when somebody first looks at them. */
export abstract class LazyHeaders implements HttpHeaders {
  #made: HttpHeaders | undefined

  protected abstract make(): HttpHeaders

  get(name: string): string | null {
    return (this.#made ??= this.make()).get(name)
  }

  entries(): Iterable<[string, string]> {
    return (this.#made ??= this.make()).entries()
  }
}

/** Headers in the form of Node's `rawHeaders`, names and values in turn, for handlers to look at. */
export class RawHeaders extends LazyHeaders {
  readonly #raw: readonly string[]

  constructor(raw: readonly string[]) {
    super()
    this.#raw = raw
  }

  protected override make(): HttpHeaders {
    const raw = this.#raw
    const pairs: [string, string][] = []
    for (let index = 0; index + 1 < raw.length; index += 2) {
      pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
    }
    return httpHeaders(pairs)
  }
}
