import { httpHeaders, type HttpHeaders } from '@holdfast/core/http'
import { LazyHeaders } from '../headers.ts'
import type { DispatchHeaders } from './dispatch-types.ts'

/** Headers in any of the shapes that undici takes and gives, for handlers to look at. */
export class DispatchedHeaders extends LazyHeaders {
  readonly #given: unknown

  constructor(given: unknown) {
    super()
    this.#given = given
  }

  protected override make(): HttpHeaders {
    return httpHeaders(pairsOf(this.#given))
  }
}

/** Headers for the application's handler: in the form it speaks, without those named. */
export function headersFor(
  headers: DispatchHeaders | HttpHeaders,
  modern: boolean,
  without: ReadonlySet<string>,
): DispatchHeaders {
  const given = isHttpHeaders(headers) ? [...headers.entries()] : [...pairsOf(headers)]
  const kept = given.filter(([name]) => !without.has(name.toLowerCase()))
  if (!modern) {
    return kept.flatMap(([name, value]) => [
      Buffer.from(name, 'latin1'),
      Buffer.from(value, 'latin1'),
    ])
  }
  const object: Record<string, string | string[]> = {}
  for (const [name, value] of kept) {
    const before = object[name]
    object[name] = before === undefined ? value : [before, value].flat()
  }
  return object
}

function isHttpHeaders(headers: DispatchHeaders | HttpHeaders): headers is HttpHeaders {
  return typeof (headers as HttpHeaders).get === 'function'
}

function* pairsOf(given: unknown): Generator<[string, string]> {
  if (given === null || typeof given !== 'object') return
  if (Array.isArray(given) && !Array.isArray(given[0])) {
    for (let index = 0; index + 1 < given.length; index += 2) {
      yield* pairOf(given[index], given[index + 1])
    }
    return
  }
  const entries: Iterable<unknown> =
    Symbol.iterator in given ? (given as Iterable<unknown>) : Object.entries(given)
  for (const entry of entries) if (Array.isArray(entry)) yield* pairOf(entry[0], entry[1])
}

function* pairOf(name: unknown, value: unknown): Generator<[string, string]> {
  if (value === undefined || value === null) return
  for (const one of Array.isArray(value) ? value : [value]) yield [textOf(name), textOf(one)]
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
}
