import { bytesBody, type HttpBody, type HttpHandler, type HttpResponse } from '@holdfast/core'

/** What a handler under test does with every exchange. */
export type HandlerName = 'pass' | 'whole' | 'stream' | 'peek'

/** Handlers that leave an answer's meaning alone and handle its bytes in different ways. */
export const handlers: Record<HandlerName, (claims: HttpHandler['claims']) => HttpHandler> = {
  /** Hands on the network's response as it came. */
  pass: (claims) => ({ claims, handle: (request, transport) => transport(request) }),
  /** Reads the whole answer first. */
  whole: (claims) => ({
    claims,
    async handle(request, transport) {
      const response = await transport(request)
      if (response.body === undefined || isEndless(request.url)) return response
      return withBody(response, bytesBody(await response.body.readAll()))
    },
  }),
  /** Passes the bytes on piece by piece. */
  stream: (claims) => ({
    claims,
    async handle(request, transport) {
      const response = await transport(request)
      return response.body === undefined ? response : withBody(response, relay(response.body))
    },
  }),
  /** Waits for the first bytes before it hands anything on, as a commit point does. */
  peek: (claims) => ({
    claims,
    async handle(request, transport) {
      const response = await transport(request)
      if (response.body === undefined) return response
      const first = await response.body.read()
      return withBody(response, relay(response.body, first))
    },
  }),
}

function isEndless(url: string): boolean {
  return /\/(inf|sse|drop)/.test(url)
}

function withBody(from: HttpResponse, body: HttpBody): HttpResponse {
  const { status, statusText, headers } = from
  return { status, statusText, headers, body, from }
}

function relay(body: HttpBody, first?: Uint8Array): HttpBody {
  let held = first
  const take = (): Uint8Array | undefined => {
    const taken = held
    held = undefined
    return taken
  }
  return {
    async read() {
      return take() ?? body.read()
    },
    async readAll() {
      const before = take()
      const rest = await body.readAll()
      return before === undefined ? rest : Buffer.concat([before, rest])
    },
    cancel: (reason) => body.cancel(reason),
  }
}
