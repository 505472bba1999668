import type { HttpHeaders } from '@holdfast/core'
import { knownAdapters } from './known-adapters.ts'
import type { KnownAdapter } from './known-adapters.ts'

/** Frameworks whose clients were at work, by what they say of themselves in a request. Nothing of it is kept. */
export function tracesIn(headers: HttpHeaders): readonly KnownAdapter[] {
  return knownAdapters.filter(({ trace }) => {
    const said = trace === undefined ? null : headers.get(trace.header)
    return said !== null && trace?.says.test(said) === true
  })
}
