import type { HttpBody, HttpHeaders, HttpRequest, HttpResponse } from '@holdfast/core'
import { dress, type Head } from '../fetch/response-dress.ts'
import { RawHeaders } from '../headers.ts'

/** Node's own classes, whatever stands under their global names. */
export interface Classes {
  readonly Response: typeof Response
  readonly Headers: typeof Headers
}

/** Headers as they came, for handlers; and as the application's Headers, when it asks. */
export class DirectHeaders extends RawHeaders {
  readonly raw: readonly string[]

  constructor(raw: readonly string[]) {
    super(raw)
    this.raw = raw
  }
}

/** What a handler sees of an answer that came without fetch. */
export class DirectResponse implements HttpResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: DirectHeaders
  readonly body: HttpBody | undefined
  // Hidden from copies: those are responses that the handler made.
  readonly #made: { readonly url: string; readonly classes: Classes }

  constructor(
    head: { readonly status: number; readonly statusText: string; readonly headers: DirectHeaders },
    body: HttpBody | undefined,
    made: { readonly url: string; readonly classes: Classes },
  ) {
    this.status = head.status
    this.statusText = head.statusText
    this.headers = head.headers
    this.body = body
    this.#made = made
  }

  static madeOf(response: DirectResponse): { readonly url: string; readonly classes: Classes } {
    return response.#made
  }
}

/** The response that the application gets where the answer came without fetch; undefined where it did not. */
export function directResponse(answer: HttpResponse, request: HttpRequest): Response | undefined {
  const origin = originOf(answer)
  if (origin === undefined) return undefined
  const { url, classes } = DirectResponse.madeOf(origin)
  const { status } = answer
  const body = status === 204 || status === 205 || status === 304 ? undefined : answer.body
  return dress(carrierOf(answer, classes), {
    body,
    head: new DirectHead(url, answer.headers, classes),
    signal: request.signal,
    // The body sees to its connection itself.
    reader: undefined,
  })
}

function carrierOf({ status, statusText }: HttpResponse, { Response }: Classes): Response {
  try {
    return new Response(null, { status, statusText })
  } catch {
    // Not for applications to make, but servers do.
    const ok = { value: false }
    return Object.defineProperties(new Response(null), {
      status: { value: status },
      statusText: { value: statusText },
      ...(status >= 600 ? { ok } : {}),
    })
  }
}

function originOf(response: HttpResponse): DirectResponse | undefined {
  let at: HttpResponse | undefined = response
  while (at !== undefined && !(at instanceof DirectResponse)) at = at.from
  return at
}

class DirectHead implements Head {
  readonly type = 'basic'
  readonly redirected = false
  readonly url: string
  readonly #given: HttpHeaders
  readonly #classes: Classes
  #headers: Headers | undefined

  constructor(url: string, given: HttpHeaders, classes: Classes) {
    this.url = url
    this.#given = given
    this.#classes = classes
  }

  get headers(): Headers {
    return (this.#headers ??= frozenHeaders(this.#given, this.#classes))
  }
}

const frozenPrototypes = new WeakMap<object, object>()

/** Headers that nobody can change, as those of a response from the network. */
function frozenHeaders(given: HttpHeaders, { Headers, Response }: Classes): Headers {
  const headers = new Headers(
    given instanceof DirectHeaders ? pairsOf(given.raw) : [...given.entries()],
  )
  let frozen = frozenPrototypes.get(Headers)
  if (frozen === undefined) {
    // Throws what native headers throw.
    const value = (): void => Response.error().headers.delete('immutable')
    const members = Object.fromEntries(['append', 'delete', 'set'].map((name) => [name, { value }]))
    frozen = Object.create(Headers.prototype, members) as object
    frozenPrototypes.set(Headers, frozen)
  }
  return Object.setPrototypeOf(headers, frozen) as Headers
}

function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
  }
  return pairs
}
