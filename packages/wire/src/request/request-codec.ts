import {
  type HttpRequest,
  type LlmRequest,
  type Operation,
  withHeaders,
  type WireFormat,
} from '@holdfast/core'
import { type JsonObject, object } from '../json/json.ts'
import { takeLooked, textOf } from '../json/top-level.ts'
import { assign, type MutableObject } from './members.ts'
import { Originals } from './originals.ts'
import { writtenBody } from './written-body.ts'

/** How one format says what a request says. */
export interface RequestCodec {
  read(body: JsonObject, from: ReadSource): LlmRequest
  /** Writes into a copy of the body what differs from the request before. */
  write(body: MutableObject, change: RequestChange): void
  /** The address, where the format names the model in it. */
  url?(url: string, change: RequestChange): string
}

export interface ReadSource {
  readonly url: string
  readonly operation: Operation
  readonly originals: Originals
}

export interface RequestChange {
  readonly before: LlmRequest
  readonly after: LlmRequest
  readonly operation: Operation
  readonly originals: Originals
}

/** `readRequest` and `writeRequest` of a format. A body is parsed once, however often it is asked for. */
export function requestMethods(
  codec: RequestCodec,
): Pick<WireFormat, 'readRequest' | 'writeRequest'> {
  const originals = new Originals()
  const known = new WeakMap<
    HttpRequest,
    { readonly body: JsonObject; readonly request: LlmRequest }
  >()

  const read = (http: HttpRequest, operation: Operation) => {
    let found = known.get(http)
    if (found === undefined) {
      const body = bodyOf(http)
      found = { body, request: codec.read(body, { url: http.url, operation, originals }) }
      known.set(http, found)
    }
    return found
  }

  return {
    readRequest: (http, operation) => read(http, operation).request,
    writeRequest(after, http, operation) {
      const { body, request: before } = read(http, operation)
      if (after === before) return http
      const change: RequestChange = { before, after, operation, originals }
      const next: MutableObject = { ...body }
      writeExtra(next, change)
      codec.write(next, change)
      const written: HttpRequest = {
        method: http.method,
        url: codec.url ? codec.url(http.url, change) : http.url,
        headers: withHeaders(http.headers, { 'content-length': undefined }),
        body: writtenBody(next, body, http.body),
        signal: http.signal,
        layer: http.layer,
      }
      known.set(written, { body: next, request: after })
      return written
    },
  }
}

function bodyOf(http: HttpRequest): JsonObject {
  const source = http.body ?? ''
  const body = takeLooked(source) ?? object(JSON.parse(withoutMark(textOf(source))))
  if (body === undefined)
    throw new SyntaxError('The body of a model request has to be a JSON object')
  return body
}

/** Without the byte order mark that some clients begin with. */
function withoutMark(source: string): string {
  return source.charCodeAt(0) === 0xfeff ? source.slice(1) : source
}

function writeExtra(body: MutableObject, { before, after }: RequestChange): void {
  if (before.extra === after.extra) return
  for (const name of Object.keys(before.extra)) {
    if (!(name in after.extra)) delete body[name]
  }
  for (const [name, value] of Object.entries(after.extra)) {
    if (before.extra[name] !== value) assign(body, name, value)
  }
}

type Plain = Exclude<keyof LlmRequest, 'extra'>

/** Writes the members that carry over as they are, where they changed. */
export function writePlain(
  body: MutableObject,
  { before, after }: RequestChange,
  names: { readonly [Name in Plain]?: string },
): void {
  for (const [key, name] of Object.entries(names) as [Plain, string][]) {
    if (before[key] !== after[key]) assign(body, name, after[key])
  }
}
