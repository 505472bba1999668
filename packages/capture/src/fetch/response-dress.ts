import stream from 'node:stream'
import type { HttpBody } from '@holdfast/core'
import { untilAborted } from '../until-aborted.ts'
import { bodyStream } from './body-stream.ts'

// A dressed response is a native Response whose prototype has another body, and where needed another head, in front
// of its own. The stream, and a real Response around it, are built only when somebody asks for what needs them:
// building them always costs more than everything else here together.

/** What a response that was built here cannot know by itself. */
export type Head = Pick<Response, 'url' | 'type' | 'redirected' | 'headers'>

/** What stands behind a dressed response. */
export interface Dressed {
  /** Undefined where the carrier's own (missing or cloned) body answers. */
  readonly body: HttpBody | undefined
  /** Undefined where the carrier's own head answers. */
  readonly head: Head | undefined
  readonly signal: AbortSignal | undefined
  /** Who keeps the connection busy while the application has not begun to read. */
  readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined
}

interface State extends Dressed {
  spent?: true
  stream?: ReadableStream<Uint8Array>
  /** A real Response with the same body; once there it answers for all that concerns the body. */
  inner?: Response
}

const states = new WeakMap<object, State>()
const prototypes = new WeakMap<object, { body: object; head: object }>()
const decoder = new TextDecoder()

// Public since Node 16.8; the type definitions leave it out.
const { isDisturbed } = stream as unknown as {
  isDisturbed: (stream: ReadableStream) => boolean
}

// As native fetch does it: a response dropped unread gives its connection back.
const unread = new FinalizationRegistry<ReadableStreamDefaultReader<Uint8Array>>((reader) => {
  reader.cancel().catch(() => {})
})

/** Puts a body, and where given a head, in front of a native response's own. */
export function dress(carrier: Response, dressed: Dressed): Response {
  const state: State = { ...dressed }
  states.set(carrier, state)
  const native = Object.getPrototypeOf(carrier) as object
  let dresses = prototypes.get(native)
  if (dresses === undefined) {
    const body = bodyDress(native)
    dresses = { body, head: headDress(body) }
    prototypes.set(native, dresses)
  }
  Object.setPrototypeOf(carrier, state.head === undefined ? dresses.body : dresses.head)
  if (state.reader !== undefined) unread.register(carrier, state.reader, state)
  return carrier
}

/** True for a response that has a body of somebody's in front of its own already. */
export function isDressed(response: Response): boolean {
  return states.has(response)
}

function headDress(base: object): object {
  const members: PropertyDescriptorMap = {}
  for (const name of ['url', 'type', 'redirected', 'headers'] as const) {
    members[name] = getter(name, base, (state) => (state.head as Head)[name])
  }
  return Object.create(base, members) as object
}

function bodyDress(native: object): object {
  const members: PropertyDescriptorMap = {
    body: getter('body', native, (state, carrier) =>
      state.body === undefined ? Reflect.get(native, 'body', carrier) : streamOf(state, carrier),
    ),
    bodyUsed: getter('bodyUsed', native, (state, carrier) =>
      state.body === undefined ? Reflect.get(native, 'bodyUsed', carrier) : isUsed(state),
    ),
  }
  // Node adds body members from time to time: what is not known here is answered by a real Response.
  for (const name of methodsOf(native)) {
    members[name] = method(name, native, (state, carrier, args) =>
      callNative(native, name, innerOf(state, carrier), args),
    )
  }
  members['clone'] = cloneMethod(native)
  for (const [name, convert] of Object.entries(conversions)) {
    if (!(name in members)) continue
    members[name] = method(name, native, (state, carrier) =>
      isFresh(state)
        ? consume(state, convert)
        : callNative(native, name, innerOf(state, carrier), []),
    )
  }
  return Object.create(native, members) as object
}

/** The body members that need no real Response. */
const conversions: Record<string, (bytes: Uint8Array) => unknown> = {
  text: (bytes) => decoder.decode(bytes),
  json: (bytes) => JSON.parse(decoder.decode(bytes)) as unknown,
  // Copies: the handler may have kept the bytes.
  bytes: (bytes) => new Uint8Array(bytes),
  arrayBuffer: (bytes) => new Uint8Array(bytes).buffer,
}

function isFresh(state: State): boolean {
  return state.spent === undefined && state.stream === undefined && state.inner === undefined
}

function isUsed({ inner, stream, spent }: State): boolean {
  if (inner !== undefined) return inner.bodyUsed
  return stream === undefined ? spent === true : isDisturbed(stream)
}

async function consume(state: State, convert: (bytes: Uint8Array) => unknown): Promise<unknown> {
  const { body, signal } = state
  state.spent = true
  unread.unregister(state)
  const bytes = (body as HttpBody).readAll()
  if (signal?.aborted !== true) return convert(await untilAborted(bytes, signal))
  // The transfer's own failure comes first, if there is one.
  await bytes
  throw signal.reason
}

function streamOf(state: State, carrier: Response): ReadableStream<Uint8Array> {
  if (state.inner !== undefined || state.spent === true) {
    return innerOf(state, carrier).body as ReadableStream<Uint8Array>
  }
  if (state.stream !== undefined) return state.stream
  unread.unregister(state)
  const { body, signal, reader } = state
  const stream = bodyStream(body as HttpBody, signal, () => unread.unregister(state))
  if (reader !== undefined) unread.register(stream, reader, state)
  return (state.stream = stream)
}

function innerOf(state: State, carrier: Response): Response {
  if (state.inner !== undefined) return state.inner
  const Class = carrier.constructor as typeof Response
  if (state.spent === true) return (state.inner = usedResponse(Class))
  const stream = streamOf(state, carrier)
  if (stream.locked || isDisturbed(stream)) return usedResponse(Class)
  const { status, statusText, headers } = carrier
  return (state.inner = new Class(stream, { status, statusText, headers }))
}

/** A response whose body was read: it says so in the very words of its class. */
function usedResponse(Class: typeof Response): Response {
  const used = new Class('')
  void used.text()
  return used
}

function cloneMethod(native: object): PropertyDescriptor {
  const clone = function (this: Response): Response {
    const state = states.get(this)
    const source = state?.body === undefined ? this : innerOf(state, this)
    const copy = callNative(native, 'clone', source, []) as Response
    if (state === undefined) return copy
    const { url, type, redirected, headers } = this
    const head = { url, type, redirected, headers }
    return dress(copy, { body: undefined, head, signal: undefined, reader: undefined })
  }
  return { value: clone, writable: true, enumerable: true, configurable: true }
}

type Answer = (state: State, carrier: Response, args: unknown[]) => unknown

function method(name: string, native: object, answer: Answer): PropertyDescriptor {
  const value = {
    [name](this: Response, ...args: unknown[]): unknown {
      const state = states.get(this)
      return state?.body === undefined
        ? callNative(native, name, this, args)
        : answer(state, this, args)
    },
  }[name]
  return { value, writable: true, enumerable: true, configurable: true }
}

function getter(
  name: string,
  native: object,
  answer: (state: State, carrier: Response) => unknown,
): PropertyDescriptor {
  const get = function (this: Response): unknown {
    const state = states.get(this)
    return state === undefined ? Reflect.get(native, name, this) : answer(state, this)
  }
  return { get, enumerable: true, configurable: true }
}

function callNative(native: object, name: string, receiver: unknown, args: unknown[]): unknown {
  return Reflect.apply(Reflect.get(native, name) as () => unknown, receiver, args)
}

/** The names of the methods that instances of this prototype have, its ancestors' included. */
function methodsOf(prototype: object): string[] {
  const names: string[] = []
  for (
    let at: object | null = prototype;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor') names.push(name)
    }
  }
  return names
}
