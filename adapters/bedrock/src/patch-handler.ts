import type { AdapterHost } from 'holdfast'
import { prototypeOf } from './prototype-of.ts'

interface Request {
  readonly method: string
  readonly path: string
}

interface Http2Config {
  /** For how long nothing may happen. */
  readonly requestTimeout?: number
  readonly sessionTimeout?: number
  /** Certificates and the like. */
  readonly nodeHttp2ConnectOptions?: object
}

interface Handler {
  handle(request: Request, options?: object): Promise<unknown>
  destroy(): void
}

interface Http2Handler extends Handler {
  readonly configProvider: Promise<Http2Config | undefined>
}

type HttpHandlerClass = new (options: () => Promise<object>) => Handler

/**
 * Model calls go over HTTP/1.1, which Bedrock speaks as well: there they are caught, while HTTP/2 can only be watched.
 * What is a stream in both directions needs HTTP/2 and keeps it.
 */
export function patchHandler(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = prototypeOf(exports, 'NodeHttp2Handler')
  prototypeOf(exports, 'NodeHttpHandler')
  const PlainHandler = exports['NodeHttpHandler'] as HttpHandlerClass
  const plain = new WeakMap<Http2Handler, Handler>()

  function plainOf(handler: Http2Handler): Handler {
    const known = plain.get(handler)
    if (known !== undefined) return known
    const made = new PlainHandler(async () => plainConfig(await handler.configProvider))
    plain.set(handler, made)
    return made
  }

  host.patch<(this: Http2Handler, request: Request, options?: object) => Promise<unknown>>(
    prototype,
    'handle',
    (original) =>
      function handle(request, options) {
        return isModelCall(request)
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
}

function isModelCall({ method, path }: Request): boolean {
  return method === 'POST' && modelCall.test(path)
}

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html (2026-11-21)
const modelCall = /\/model\/[^/]+\/(?:converse|converse-stream|invoke|invoke-with-response-stream)$/

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
