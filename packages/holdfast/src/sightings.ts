import { hostOf } from '@holdfast/core'
import type { HttpLayer, HttpRequest, WireFormat } from '@holdfast/core'

/** Model calls that Holdfast handles, by where they go. */
export interface CaughtCalls {
  readonly host: string
  readonly format: string
  readonly layer: HttpLayer
  readonly calls: number
}

/** Something that looked like a model call and went by untouched. */
export interface PassingCalls {
  readonly host: string
  readonly path: string
  readonly layer: HttpLayer
  readonly why: string
  readonly calls: number
}

/** A mistake inside Holdfast that was kept away from the application. */
export interface Bug {
  readonly where: string
  readonly message: string
  readonly times: number
}

const mostRows = 200

/** What was seen since the start, counted. Never holds a query, a header or a body. */
export class Sightings {
  readonly #caught = new Map<string, Counted<CaughtCalls>>()
  /** Most calls go where the one before went. */
  #lastCaught: Counted<CaughtCalls> | undefined
  readonly #passing = new Map<string, Counted<PassingCalls>>()
  readonly #bugs = new Map<string, { where: string; message: string; times: number }>()

  caught({ url, layer }: HttpRequest, { name: format }: WireFormat): void {
    const host = hostOf(url)
    const last = this.#lastCaught
    if (last?.host === host && last.format === format && last.layer === layer) {
      last.calls++
      return
    }
    const key = `${layer} ${host} ${format}`
    let row = this.#caught.get(key)
    if (row === undefined) {
      if (this.#caught.size === mostRows) return
      row = { host, format, layer, calls: 0 }
      this.#caught.set(key, row)
    }
    row.calls++
    this.#lastCaught = row
  }

  /** It has the address of a model call, but no format that is known. */
  unknown({ url, layer }: HttpRequest): void {
    this.passing(layer, url, 'unknown format')
  }

  passing(layer: HttpLayer, url: string, why: string): void {
    const host = hostOf(url)
    const path = pathOf(url)
    const key = `${layer} ${host}${path} ${why}`
    const row = this.#passing.get(key)
    if (row !== undefined) row.calls++
    else if (this.#passing.size < mostRows) {
      this.#passing.set(key, { host, path, layer, why, calls: 1 })
    }
  }

  bug(where: string, error: unknown): void {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const key = `${where} ${message}`
    const row = this.#bugs.get(key)
    if (row !== undefined) row.times++
    else if (this.#bugs.size < mostRows) this.#bugs.set(key, { where, message, times: 1 })
  }

  report(): {
    readonly caught: readonly CaughtCalls[]
    readonly passing: readonly PassingCalls[]
    readonly bugs: readonly Bug[]
  } {
    return {
      caught: [...this.#caught.values()].map((row) => ({ ...row })),
      passing: [...this.#passing.values()].map((row) => ({ ...row })),
      bugs: [...this.#bugs.values()].map((row) => ({ ...row })),
    }
  }
}

type Counted<Row extends { readonly calls: number }> = Omit<Row, 'calls'> & { calls: number }

function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  if (start < 0) return '/'
  const end = url.slice(start).search(/[?#]/)
  return end < 0 ? url.slice(start) : url.slice(start, start + end)
}
