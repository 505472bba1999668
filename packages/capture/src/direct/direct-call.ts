import type { HttpRequest, HttpResponse, TransportProgress } from '@holdfast/core'
import type { FetchCall } from '../fetch/fetch-exchange.ts'
import { NetworkResponse } from '../fetch/network-response.ts'
import type { Hold } from '../hold.ts'
import { DirectHeaders, DirectResponse, type Classes } from './direct-response.ts'
import { decode } from './decoding.ts'
import { DirectBody } from './direct-body.ts'
import { headerOf } from './raw-headers.ts'
import { isPlain } from './plain-process.ts'
import { placeOf, planOf, type Place } from './plan.ts'
import { onwardFrom, redirected } from './redirect.ts'
import { send, type Sending } from './send.ts'

/**
 * Sends a call of fetch over node:http, where nobody could tell; undefined where it is fetch's own to send.
 * That is much of what a call costs: Node's fetch takes two to three times as long for the same bytes.
 */
export function directCall(
  call: FetchCall,
  sent: HttpRequest,
  hold: Hold,
  progress: TransportProgress | undefined,
  original: (args: ArrayLike<unknown>) => Promise<Response>,
): Promise<HttpResponse> | undefined {
  if (!isPlain(call.original) || !isOrdinary(call.arguments)) return undefined
  if (sent.signal?.aborted === true) return undefined
  const place = placeOf(sent.url)
  const options = place === undefined ? undefined : planOf(sent, place)
  if (place === undefined || options === undefined) return undefined
  const { body, signal } = sent
  const opened = (request: object): void => void hold.own.requests.add(request)
  return receive(
    { url: place.href, options, body, signal, progress, opened },
    { sent, place, original },
  )
}

/** What fetch is told by default; another value, or another member, is for fetch itself. */
const defaults: Readonly<Record<string, unknown>> = {
  redirect: 'follow',
  credentials: 'same-origin',
  cache: 'default',
  mode: 'cors',
  integrity: '',
  keepalive: false,
  referrer: 'about:client',
  referrerPolicy: '',
  window: null,
}

function isOrdinary(args: ArrayLike<unknown>): boolean {
  const { 0: input, 1: init } = args
  if (typeof input !== 'string' && !(input instanceof URL)) return false
  if (init === undefined || init === null) return true
  if (typeof init !== 'object' || Object.getPrototypeOf(init) !== Object.prototype) return false
  for (const name in init) {
    if (name === 'headers' || name === 'body' || name === 'signal') continue
    const value: unknown = (init as Record<string, unknown>)[name]
    if (value === undefined || value === defaults[name]) continue
    // Fetch knows some methods in lower case, and takes others as they are.
    if (name !== 'method' || typeof value !== 'string' || value !== value.toUpperCase())
      return false
  }
  return true
}

interface Context {
  readonly sent: HttpRequest
  readonly place: Place
  /** The fetch that stood there. */
  readonly original: (args: ArrayLike<unknown>) => Promise<Response>
}

async function receive(
  sending: Sending,
  { sent, place, original }: Context,
): Promise<HttpResponse> {
  const classes = (known ??= await classesOf(original))
  try {
    const answer = await send(sending)
    const { status, statusText, rawHeaders, body } = answer
    const onward = onwardFrom(answer, sent)
    if (onward !== undefined) {
      void body.cancel()
      const native = await original([onward.url, onward.init])
      return new NetworkResponse(redirected(native, onward))
    }
    const hasBody = !nullBodyStatuses.has(status)
    const encoding = headerOf(rawHeaders, 'content-encoding')
    return new DirectResponse(
      { status, statusText, headers: new DirectHeaders(rawHeaders) },
      hasBody ? new DirectBody(decode(body, encoding)) : undefined,
      { url: place.url, classes },
    )
  } catch (error) {
    // Here, and not where it was made: this stack leads to the caller.
    if (error instanceof TypeError) Error.captureStackTrace(error)
    throw error
  }
}

const nullBodyStatuses: ReadonlySet<number> = new Set([204, 205, 304])

let known: Classes | undefined

/** Asked of the fetch itself: anything may stand under the global names. */
async function classesOf(original: Context['original']): Promise<Classes> {
  const response = await original(['data:,'])
  return { Response: response.constructor, Headers: response.headers.constructor } as never
}
