import { hostOf } from '@holdfast/core'
import type { HttpLayer, HttpRequest, LlmCall, PolicyDecision, WireFormat } from '@holdfast/core'
import type { KnownAdapter } from './adapters/known-adapters.ts'
import { tracesIn } from './adapters/traces.ts'
import { UnseenTools } from './unseen-tools.ts'
import type { UnseenTool } from './unseen-tools.ts'

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

const notCaughtHttp2 =
  'HTTP/2 is not caught: let the client talk HTTP/1.1 (the AWS SDK: requestHandler: new NodeHttpHandler(), of @smithy/node-http-handler)'

/** What was seen since the start, counted. Never holds a query, a header or a body. */
export class Sightings {
  readonly #caught = new Map<string, Counted<CaughtCalls>>()
  /** Most calls go where the one before went. */
  #lastCaught: Counted<CaughtCalls> | undefined
  readonly #passing = new Map<string, Counted<PassingCalls>>()
  readonly #bugs = new Map<string, { where: string; message: string; times: number }>()
  readonly #atWork = new Set<KnownAdapter>()
  readonly tools: UnseenTools = new UnseenTools()

  caught(request: HttpRequest, { name: format }: WireFormat): void {
    const { url, layer } = request
    const host = hostOf(url)
    const last = this.#lastCaught
    if (last?.host === host && last.format === format && last.layer === layer) {
      this.#count(last, request)
      return
    }
    const key = `${layer} ${host} ${format}`
    let row = this.#caught.get(key)
    if (row === undefined) {
      if (this.#caught.size === mostRows) return
      row = { host, format, layer, calls: 0 }
      this.#caught.set(key, row)
    }
    this.#count(row, request)
    this.#lastCaught = row
  }

  /** A model is asked. */
  asked(call: LlmCall): void {
    try {
      if (this.tools.asked(call)) this.#lookAt(call.http)
    } catch (error) {
      this.bug('looking for tools', error)
    }
  }

  /** The tool gate tells of every call that a model proposes. */
  decided({ policy, subject }: PolicyDecision): void {
    if (policy === 'tools.gate' && subject.kind === 'tool') this.tools.proposed(subject.name)
  }

  /** Frameworks whose clients were seen at work. */
  get atWork(): ReadonlySet<KnownAdapter> {
    return this.#atWork
  }

  /** At the first call to a place, the second, the fourth, the eighth: others may call there later. */
  #count(row: Counted<CaughtCalls>, request: HttpRequest): void {
    row.calls++
    if ((row.calls & (row.calls - 1)) === 0) this.#lookAt(request)
  }

  /** Looks at what a request says of who made it. */
  #lookAt(request: HttpRequest): void {
    for (const known of tracesIn(request)) this.#atWork.add(known)
  }

  /** A stack that can be watched only. */
  notCaught(layer: HttpLayer, url: string): void {
    this.passing(layer, url, layer === 'http2' ? notCaughtHttp2 : 'not caught')
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
    readonly unseenTools: readonly UnseenTool[]
    readonly bugs: readonly Bug[]
  } {
    return {
      caught: [...this.#caught.values()].map((row) => ({ ...row })),
      passing: [...this.#passing.values()].map((row) => ({ ...row })),
      unseenTools: this.tools.report(),
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
