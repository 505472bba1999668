import type { HttpHeaders } from '@holdfast/core'

/** Headers that are put together when somebody first looks at them. */
export function lazyHeaders(make: () => HttpHeaders): HttpHeaders {
  let made: HttpHeaders | undefined
  return {
    get: (name) => (made ??= make()).get(name),
    entries: () => (made ??= make()).entries(),
  }
}
