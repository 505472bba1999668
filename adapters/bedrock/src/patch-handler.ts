import type { AdapterHost } from 'holdfast'
import { isHeldCall } from './held-call.ts'

interface Http2Config {
  /** For how long nothing may happen. */
  readonly requestTimeout?: number
  readonly sessionTimeout?: number
  /** Certificates and the like. */
  readonly nodeHttp2ConnectOptions?: object
}

interface Handler {
  readonly metadata?: { readonly handlerProtocol: string }
  handle(request: unknown, options?: object): Promise<unknown>
  destroy(): void
}

/** What a client has of itself: it sends over HTTP/2. */
interface Http2Handler extends Handler {
  readonly configProvider: Promise<Http2Config | undefined>
}

type HttpHandlerClass = new (options: () => Promise<object>) => Handler
type Handle = (this: Http2Handler, request: unknown, options?: object) => Promise<unknown>

/** Prototypes whose handlers can send over HTTP/1.1, in each copy of the module. */
const patched = new WeakSet<object>()

/**
 * Model calls go over HTTP/1.1, which Bedrock speaks as well: there they are caught, while HTTP/2 can only be watched.
 * What is a stream in both directions needs HTTP/2 and keeps it.
 */
export function patchHandler(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = host.prototypeOf(exports, 'NodeHttp2Handler')
  host.prototypeOf(exports, 'NodeHttpHandler')
  const PlainHandler = exports['NodeHttpHandler'] as HttpHandlerClass
  const plain = new WeakMap<Http2Handler, Handler>()

  function plainOf(handler: Http2Handler): Handler {
    const known = plain.get(handler)
    if (known !== undefined) return known
    const made = new PlainHandler(async () => plainConfig(await handler.configProvider))
    plain.set(handler, made)
    return made
  }

  host.patch<Handle>(
    prototype,
    'handle',
    (original) =>
      function handle(request, options) {
        return this.metadata?.handlerProtocol === plainProtocol
          ? plainOf(this).handle(request, options)
          : original.call(this, request, options)
      },
  )
  host.patch<(this: Http2Handler) => void>(
    prototype,
    'destroy',
    (original) =>
      function destroy() {
        plain.get(this)?.destroy()
        original.call(this)
      },
  )
  patched.add(prototype)
}

const plainProtocol = 'http/1.1'
/** Handlers whose other side speaks HTTP/2 alone. */
const http2Alone = new WeakSet<object>()

/**
 * Lets a handler send the calls that are held over HTTP/1.1. The SDK asks it for its protocol before it signs a request,
 * since the host is named by another header in each.
 */
export function sendPlainly(handler: object): void {
  const own = (handler as Handler).metadata
  if (!patched.has(Object.getPrototypeOf(handler) as object) || own?.handlerProtocol !== 'h2')
    return
  const plainly = { ...own, handlerProtocol: plainProtocol }
  Object.defineProperty(handler, 'metadata', {
    get: () => (isHeldCall() && !http2Alone.has(handler) ? plainly : own),
    configurable: true,
    enumerable: true,
  })
}

/** Lets a handler send everything over HTTP/2 again. False where it did already. */
export function sendAsBefore(handler: object): boolean {
  if (http2Alone.has(handler)) return false
  http2Alone.add(handler)
  return true
}

/** True for what comes of HTTP/1.1 where the other side speaks HTTP/2 alone: its answer is none that HTTP/1.1 knows. */
export function isNoPlainAnswer(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return code === 'HPE_INVALID_CONSTANT' || code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'
}

/** The same settings for HTTP/1.1, where each call has a connection of its own. */
function plainConfig({
  requestTimeout,
  sessionTimeout,
  nodeHttp2ConnectOptions,
}: Http2Config = {}): object {
  const socketTimeout = requestTimeout ?? sessionTimeout
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }
  return {
    ...(socketTimeout === undefined ? {} : { socketTimeout }),
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: { ...agent, ...nodeHttp2ConnectOptions },
  }
}
