import type {
  HttpBody,
  HttpRequest,
  HttpResponse,
  Transport,
  TransportProgress,
} from '@holdfast/core'
import { claimedSymbol, type Claimant, type Hold } from '../hold.ts'
import { openApplication, type Application } from './application.ts'
import { readDispatchBody, type DispatchBody } from './dispatch-body.ts'
import { DispatchedHeaders, headersFor } from './dispatch-headers.ts'
import {
  isModern,
  type Dispatch,
  type DispatchHandler,
  type DispatchHeaders,
  type DispatchOptions,
} from './dispatch-types.ts'
import { networks, openAttempt } from './upstream.ts'

/** One dispatch, as the application made it. */
export interface DispatchCall {
  readonly original: Dispatch
  readonly dispatcher: object
  readonly options: DispatchOptions
  readonly handler: DispatchHandler
  readonly url: string
  readonly method: string
}

/** Lets the claimant answer a dispatch. */
export function undiciExchange(claimant: Claimant, call: DispatchCall, hold: Hold): void {
  const controller = new AbortController()
  let upstreamError: { error: unknown } | undefined
  const application = openApplication(call.handler, (reason) => {
    // An attempt under way fails with this, in the words of its copy of undici.
    controller.abort(reason)
    application.error(upstreamError?.error ?? reason ?? requestAborted())
  })
  const noteError = (error: unknown): void => {
    upstreamError = { error }
  }
  answer(claimant, call, application, controller, noteError, hold).catch((error: unknown) => {
    controller.abort(error)
    if (!application.aborted) application.error(error)
  })
}

async function answer(
  claimant: Claimant,
  call: DispatchCall,
  application: Application,
  controller: AbortController,
  noteError: (error: unknown) => void,
  hold: Hold,
): Promise<void> {
  application.start()
  if (application.aborted) return
  const read = readDispatchBody(call.options.body, claimant.maxBodyBytes)
  const body = read instanceof Promise ? await read : read
  if (application.aborted) return

  const request: HttpRequest = {
    method: call.method,
    url: call.url,
    headers: new DispatchedHeaders(call.options.headers),
    body: body.body,
    signal: controller.signal,
    layer: 'undici',
  }
  const transport: Transport = async (sent, progress) => {
    if (sent.signal?.aborted === true) throw sent.signal.reason
    const attempt = openAttempt({
      application: call.handler,
      method: sent.method,
      signal: sent.signal,
      reason: () => (application.aborted ? application.reason : sent.signal?.reason),
      inform: (head) => application.aborted || application.head(head),
      failed: noteError,
    })
    const options = optionsFor(call, request, sent, body)
    const dispatcher = dispatcherFor(call, options)
    dispatchSeen(hold, call.original, dispatcher, options, attempt.handler, progress)
    return attempt.response
  }
  const response = body.tooLarge
    ? await transport(request)
    : await claimant.handler.handle(request, transport)
  if (application.aborted) return void response.body?.cancel(controller.signal.reason)
  await deliver(response, application, isModern(call.handler))
}

/** Gives undici something that was looked at already. */
export function dispatchSeen(
  hold: Hold,
  original: Dispatch,
  dispatcher: object,
  options: DispatchOptions,
  handler: DispatchHandler,
  progress?: TransportProgress,
): boolean {
  // That is enough: a request is made, and announced, before this returns, or in another call of this.
  const { own } = hold
  const { dispatched, progress: followed } = own
  own.dispatched = options
  if (progress !== undefined) own.progress = progress
  try {
    return Reflect.apply(original, dispatcher, [options, handler])
  } finally {
    own.dispatched = dispatched
    own.progress = followed
  }
}

/** Tells the application the answer, as fast as it takes it. */
async function deliver(
  response: HttpResponse,
  application: Application,
  modern: boolean,
): Promise<void> {
  const network = networks.of(response)
  let trailers: DispatchHeaders | undefined
  let next: () => Promise<Uint8Array | undefined>
  if (network !== undefined && networks.isUntouched(response)) {
    // Raw: still encoded, and with its own headers.
    application.head(network.head)
    next = () => network.raw.take()
  } else {
    const { status, statusText, headers, body } = response
    const kept = network?.headers === headers ? network.head.headers : headers
    application.head({
      status,
      statusText,
      headers: headersFor(kept, modern, framing),
      rawHeaders: undefined,
    })
    next = () => readOf(body)
  }
  for (;;) {
    const ready = application.ready()
    if (ready !== undefined) await ready
    if (application.aborted) break
    const chunk = await next()
    if (application.aborted) break
    if (chunk === undefined) {
      trailers = network?.trailers()
      return application.end(trailers)
    }
    application.data(chunk)
  }
  await response.body?.cancel()
}

function readOf(body: HttpBody | undefined): Promise<Uint8Array | undefined> {
  return body?.read() ?? Promise.resolve(undefined)
}

/** What described the bytes on the wire, which the application does not get. */
const framing: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'content-md5',
  'digest',
  'etag',
])

function optionsFor(
  call: DispatchCall,
  asked: HttpRequest,
  sent: HttpRequest,
  body: DispatchBody,
): DispatchOptions {
  const options: Record<string | symbol, unknown> = { ...call.options, [claimedSymbol]: true }
  const changedBody = sent.body !== asked.body
  options['body'] = changedBody ? sent.body : body.send()
  if (sent.method !== asked.method) options['method'] = sent.method
  if (sent.url !== asked.url) {
    const { origin, pathname, search } = new URL(sent.url)
    Object.assign(options, { origin, path: pathname + search, query: undefined })
  }
  if (sent.headers !== asked.headers || changedBody) {
    const listed = [...sent.headers.entries()]
    const kept = changedBody ? listed.filter(([name]) => name !== 'content-length') : listed
    options['headers'] = Object.fromEntries(kept)
  }
  return options as unknown as DispatchOptions
}

// Other origins that requests of a dispatcher with one fixed origin were sent to.
const others = new WeakMap<object, Map<string, object>>()

/** The application's own dispatcher, or one like it where that is bound to another origin. */
function dispatcherFor(call: DispatchCall, { origin }: DispatchOptions): object {
  const { dispatcher, options } = call
  const bound = fixedOriginOf(dispatcher)
  const wanted = String(origin ?? '')
  if (bound === undefined || origin === options.origin || wanted === bound) return dispatcher
  const known = others.get(dispatcher) ?? new Map<string, object>()
  others.set(dispatcher, known)
  let other = known.get(wanted)
  if (other === undefined) {
    other = Reflect.construct(dispatcher.constructor, [wanted]) as object
    known.set(wanted, other)
  }
  return other
}

/** The origin of a Client or a Pool, which is not in the options. */
export function fixedOriginOf(dispatcher: object): string | undefined {
  const symbol = Object.getOwnPropertySymbols(dispatcher).find(
    ({ description }) => description === 'url',
  )
  const url: unknown = symbol === undefined ? undefined : Reflect.get(dispatcher, symbol)
  if (typeof url === 'string') return url
  return url instanceof URL ? url.origin : undefined
}

/** As undici says it where the application gives no reason. */
function requestAborted(): Error {
  const error = new Error('Request aborted')
  return Object.assign(error, { name: 'AbortError', code: 'UND_ERR_ABORTED' })
}
