import { channel } from 'node:diagnostics_channel'
import { holdMark, holdOf } from '../hold.ts'
import { http } from '../http/node-http.ts'

// Whether the process is as Node made it, as far as the global fetch is concerned: nobody else answers its calls,
// sends them another way, or watches them. What is in doubt counts as changed.

type Global = Readonly<Record<symbol, unknown>>

// Where the versions of undici that Node has had look for their dispatcher.
// https://github.com/nodejs/undici/blob/v8.12.4/lib/global.js (2026-11-21)
const dispatcherSymbols: Readonly<Record<number, symbol>> = {
  6: Symbol.for('undici.globalDispatcher.1'),
  7: Symbol.for('undici.globalDispatcher.1'),
  8: Symbol.for('undici.globalDispatcher.2'),
}
/** Of the undici inside Node; NaN where there is none. */
export const undiciMajor: number = Number(process.versions['undici']?.split('.', 1)[0])
const dispatcherSymbol: symbol | undefined = dispatcherSymbols[undiciMajor]

const isNode: boolean =
  process.release.name === 'node' && !('bun' in process.versions) && !('deno' in process.versions)

/** True where Node's own fetch offers HTTP/2 to servers with TLS. */
export const offersHttp2: boolean = undiciMajor >= 8

/** True where a call of this fetch goes the way that Node gave it, and nobody can tell how it goes. */
export function isPlain(fetch: unknown): boolean {
  if (!isNode || dispatcherSymbol === undefined) return false
  if (fetch !== known.fetch) {
    known.fetch = fetch
    known.isFetchOwn = isFetchOwn(fetch) && isClientRequestOwn()
  }
  const dispatcher = (globalThis as Global)[dispatcherSymbol]
  if (dispatcher !== known.dispatcher) {
    known.dispatcher = dispatcher
    known.isDispatcherDefault = isDefaultDispatcher(dispatcher)
  }
  return known.isFetchOwn && known.isDispatcherDefault && isUnwatched() && isDispatchOwn(dispatcher)
}

const known: {
  fetch: unknown
  isFetchOwn: boolean
  dispatcher: unknown
  isDispatcherDefault: boolean
  dispatch: unknown
  isDispatchOwn: boolean
} = {
  fetch: undefined,
  isFetchOwn: false,
  dispatcher: undefined,
  isDispatcherDefault: true,
  dispatch: undefined,
  isDispatchOwn: true,
}

// oxlint-disable-next-line unbound-method -- applied
const sourceOf = (value: object): string => Reflect.apply(Function.prototype.toString, value, [])

/** A function with this in its source, and nothing hung on it. */
function isWritten(value: unknown, source: string): value is Function {
  return typeof value === 'function' && sourceOf(value).includes(source)
}

function isFetchOwn(fetch: unknown): boolean {
  return (
    isWritten(fetch, "require('internal/deps/undici/undici')") &&
    // Of this realm: a test runner's sandbox has other globals than its fetch looks at.
    Object.getPrototypeOf(fetch) === Function.prototype &&
    Reflect.ownKeys(fetch).every((key) => ['length', 'name', 'prototype'].includes(String(key)))
  )
}

/** Mocking libraries put their own in its place. */
function isClientRequestOwn(): boolean {
  return isWritten(http.ClientRequest, 'insecureHTTPParser')
}

/** Node's own Agent, made as Node makes it. */
function isDefaultDispatcher(dispatcher: unknown): boolean {
  if (dispatcher === undefined) return true
  if (typeof dispatcher !== 'object' || dispatcher === null) return false
  const { constructor: Class } = dispatcher as { constructor?: unknown }
  if (typeof Class !== 'function' || Class.name !== 'Agent') return false
  if (Object.getPrototypeOf(dispatcher) !== Class.prototype) return false
  if (!isOfNode(Class as AgentClass)) return false
  const fresh = new (Class as AgentClass)()
  return (
    // A member with a name would be somebody's; under symbols it keeps what it has come to.
    Object.keys(dispatcher).every((key) => Object.hasOwn(fresh, key)) &&
    Reflect.ownKeys(fresh).every((key) =>
      isAlike(Reflect.get(dispatcher, key), Reflect.get(fresh, key)),
    )
  )
}

type AgentClass = new (options?: object) => object

/** Its constructor refuses a factory that is none, and the stack tells where it does. */
function isOfNode(Class: AgentClass): boolean {
  try {
    void new Class({ factory: 'none' })
    return false
  } catch (error) {
    const { stack = '', message } = error as Error
    const [first = ''] = stack
      .slice(stack.indexOf(message) + message.length)
      .trimStart()
      .split('\n')
    return first.startsWith('at new Agent (node:internal/deps/undici/')
  }
}

/** Settings are compared, state is not. */
function isAlike(value: unknown, fresh: unknown): boolean {
  if (typeof fresh === 'function') {
    return value === fresh || isWritten(value, sourceOf(fresh))
  }
  if (!isPlainObject(fresh))
    return typeof value === typeof fresh && value?.constructor === fresh?.constructor
  if (!isPlainObject(value)) return false
  const keys = Reflect.ownKeys(fresh)
  return (
    keys.length === Reflect.ownKeys(value).length &&
    keys.every((key) => Reflect.get(value, key) === Reflect.get(fresh, key))
  )
}

function isPlainObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

/** The method that all dispatchers share may be replaced by ourselves, and by nobody else. */
function isDispatchOwn(dispatcher: unknown): boolean {
  if (dispatcher === undefined) return true
  const { dispatch } = dispatcher as { dispatch?: unknown }
  if (dispatch !== known.dispatch) {
    known.dispatch = dispatch
    const original: unknown =
      holdOf(dispatch) === undefined ? dispatch : Object.getPrototypeOf(dispatch)
    known.isDispatchOwn = isWritten(original, 'handler must be an object')
  }
  return known.isDispatchOwn
}

// Everything that announces calls of fetch, or would announce those that are sent in their place.
// https://undici.nodejs.org/#/docs/api/DiagnosticsChannel, https://nodejs.org/api/diagnostics_channel.html (2026-11-21)
const channels = [
  'undici:request:create',
  'undici:request:bodySent',
  'undici:request:bodyChunkSent',
  'undici:request:bodyChunkReceived',
  'undici:request:headers',
  'undici:request:trailers',
  'undici:request:error',
  'undici:client:beforeConnect',
  'undici:client:connected',
  'undici:client:connectError',
  'undici:client:sendHeaders',
  'http.client.request.created',
  'http.client.request.start',
  'http.client.request.bodyChunkSent',
  'http.client.request.bodySent',
  'http.client.request.error',
  'http.client.response.finish',
].map((name) => channel(name) as unknown as Watched)

interface Watched {
  readonly hasSubscribers: boolean
  readonly _subscribers?: readonly unknown[]
  readonly _stores?: ReadonlyMap<unknown, unknown>
}

function isUnwatched(): boolean {
  for (const watched of channels) {
    if (watched.hasSubscribers && !isOurs(watched)) return false
  }
  return true
}

/** There is no public way to ask who listens. Where the private one is gone, somebody else does. */
function isOurs({ _subscribers: subscribers, _stores: stores }: Watched): boolean {
  if (!Array.isArray(subscribers) || stores === undefined || stores.size > 0) return false
  for (const subscriber of subscribers) {
    if (!Object.hasOwn(subscriber as object, holdMark)) return false
  }
  return true
}
