import type { HttpHeaders, HttpRequest, Transport, TransportProgress } from '@holdfast/core'
import { directCall } from '../direct/direct-call.ts'
import { directResponse } from '../direct/direct-response.ts'
import { LazyHeaders } from '../headers.ts'
import type { Claimant, Hold } from '../hold.ts'
import { untilAborted } from '../until-aborted.ts'
import { madeResponse } from './made-response.ts'
import { nativeOf, NetworkResponse } from './network-response.ts'
import { readRequestBody, type BodyInit, type FetchBody } from './request-body.ts'

/** One call of fetch, as the application made it. */
export interface FetchCall {
  readonly original: typeof globalThis.fetch
  readonly receiver: unknown
  readonly arguments: IArguments
  readonly url: string
  readonly method: string
}

type Init = RequestInit & { duplex?: 'half' }

/** Lets the claimant answer a call of fetch. */
export async function fetchExchange(
  claimant: Claimant,
  call: FetchCall,
  hold: Hold,
): Promise<Response> {
  const input: unknown = call.arguments[0]
  const init = call.arguments[1] as Init | null | undefined
  const signal = signalOf(input, init)
  // Fetch is to say itself what it does with these, and to send nothing.
  if (signal !== undefined && (!(signal instanceof AbortSignal) || signal.aborted)) {
    return send(call, hold, call.arguments)
  }

  const read = readRequestBody(input, init, claimant.maxBodyBytes, signal)
  const body = read instanceof Promise ? await read : read
  if ('passOn' in body) {
    if (body.passOn === undefined) return send(call, hold, call.arguments)
    return send(call, hold, [input, { ...init, body: body.passOn, duplex: 'half' }])
  }

  const request: HttpRequest = {
    method: call.method,
    url: call.url,
    headers: new RequestHeaders(input, init, body.impliedType),
    body: body.body,
    signal,
    layer: 'fetch',
  }
  const mayGoDirect = claimant.transport === 'direct' && body.replay === undefined
  const transport: Transport = async (sent, progress) => {
    const original = (args: ArrayLike<unknown>) => send(call, hold, args, progress)
    const direct = mayGoDirect ? directCall(call, sent, hold, progress, original) : undefined
    if (direct !== undefined) return await direct
    return new NetworkResponse(await original(argumentsFor(call, request, sent, body)))
  }

  const answer = await untilAborted(
    claimant.handler.handle(request, transport),
    signal,
    (late) => void late.body?.cancel(signal?.reason),
  )
  return nativeOf(answer) ?? directResponse(answer, request) ?? madeResponse(answer, request)
}

function signalOf(input: unknown, init: Init | null | undefined): AbortSignal | undefined {
  const given = init?.signal
  // Null says that the signal of a Request does not count.
  if (given !== undefined) return given ?? undefined
  return input instanceof Request ? input.signal : undefined
}

/** Calls the fetch that the application would have called; nothing in it is caught again. */
function send(
  call: FetchCall,
  hold: Hold,
  args: ArrayLike<unknown>,
  progress?: TransportProgress,
): Promise<Response> {
  const run = (): Promise<Response> => Reflect.apply(call.original, call.receiver, args)
  if (!hold.isActive()) return run()
  const { own } = hold
  const before = own.progress
  own.progress = progress
  try {
    return hold.runInside(run)
  } finally {
    own.progress = before
  }
}

/** The arguments for one attempt: the caller's own, as far as the request is still what the caller asked for. */
function argumentsFor(
  call: FetchCall,
  asked: HttpRequest,
  sent: HttpRequest,
  body: FetchBody,
): ArrayLike<unknown> {
  const [input, given] = call.arguments as unknown as [unknown, Init | null | undefined]
  const { replay } = body
  if (sent === asked && replay === undefined) return call.arguments

  const changed = {
    url: sent.url !== asked.url,
    method: sent.method !== asked.method,
    headers: sent.headers !== asked.headers,
    body: sent.body !== asked.body,
    signal: sent.signal !== asked.signal,
  }
  const init: Init = {
    ...(changed.url && input instanceof Request ? settingsOf(input) : {}),
    ...given,
  }
  if (changed.method) init.method = sent.method
  if (changed.signal) init.signal = sent.signal ?? null
  if (changed.body) init.body = sent.body as BodyInit
  else if (replay !== undefined) {
    init.body = replay()
    if (init.body instanceof ReadableStream) init.duplex = 'half'
  }
  if (changed.headers || (changed.body && sent.headers.get('content-length') !== null)) {
    const listed = [...sent.headers.entries()]
    // The length of a body that is no longer sent.
    init.headers = changed.body ? listed.filter(([name]) => name !== 'content-length') : listed
  }
  return [changed.url ? sent.url : input, init]
}

/** What a Request says besides its URL and body, for a call to another URL. */
function settingsOf(request: Request): Init {
  const { method, headers, redirect, credentials, cache, integrity, keepalive, signal } = request
  const { mode, referrer, referrerPolicy } = request
  return {
    method,
    headers,
    redirect,
    credentials,
    cache,
    integrity,
    keepalive,
    signal,
    mode,
    referrer,
    referrerPolicy,
  } as Init
}

/** The headers that fetch would send, as far as the caller decides them. */
class RequestHeaders extends LazyHeaders {
  readonly #input: unknown
  readonly #init: Init | null | undefined
  readonly #impliedType: string | undefined

  constructor(input: unknown, init: Init | null | undefined, impliedType: string | undefined) {
    super()
    this.#input = input
    this.#init = init
    this.#impliedType = impliedType
  }

  protected override make(): HttpHeaders {
    const input = this.#input
    const given = this.#init?.headers ?? (input instanceof Request ? input.headers : undefined)
    const headers = given instanceof Headers ? given : new Headers(given)
    if (this.#impliedType === undefined || headers.has('content-type')) return headers
    const copy = new Headers(headers)
    copy.set('content-type', this.#impliedType)
    return copy
  }
}
