import { httpHeaders, type HttpHeaders } from '@holdfast/core'

/** Headers that are put together when somebody first looks at them. */
export function lazyHeaders(make: () => HttpHeaders): HttpHeaders {
  let made: HttpHeaders | undefined
  return {
    get: (name) => (made ??= make()).get(name),
    entries: () => (made ??= make()).entries(),
  }
}

/** Headers in the form of Node's `rawHeaders`, names and values in turn, for handlers to look at. */
export function rawHttpHeaders(raw: readonly string[]): HttpHeaders {
  return lazyHeaders(() => {
    const pairs: [string, string][] = []
    for (let index = 0; index + 1 < raw.length; index += 2) {
      pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
    }
    return httpHeaders(pairs)
  })
}
