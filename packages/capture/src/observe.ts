import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { Hold, Patch } from './hold.ts'
import { urlOf } from './http/patch-http.ts'

// What every HTTP stack says about each request that really goes out, whoever made it and however.
// https://nodejs.org/api/diagnostics_channel.html, https://undici.nodejs.org/#/docs/api/DiagnosticsChannel (2026-11-21)
type Listener = (message: unknown) => void

/** Looks out for exchanges that somebody would have claimed but that no layer caught. HTTP/2 is only ever seen here. */
export function observe(hold: Hold): Patch {
  const listeners: Record<string, Listener> = {
    'undici:request:create'(message) {
      if (hold.own.dispatched !== undefined || hold.isInside()) return
      const { method, origin, path } = (message as { request: UndiciRequest }).request
      if (typeof path !== 'string' || method === 'CONNECT') return
      hold.passing('undici', method, (origin instanceof URL ? origin.origin : origin) + path)
    },
    'http.client.request.start'(message) {
      const { request } = message as { request: ClientRequest }
      if (hold.own.requests.has(request) || hold.isInside()) return
      hold.passing('http', request.method, urlOf(request))
    },
    'http2.client.stream.start'(message) {
      if (hold.isInside()) return
      const { headers } = message as { headers: Record<string, string | undefined> }
      const { ':scheme': scheme, ':authority': authority, ':path': path } = headers
      hold.passing('http2', headers[':method'] ?? 'GET', `${scheme}://${authority}${path}`)
    },
  }
  for (const [name, listener] of Object.entries(listeners)) subscribe(name, listener)
  return {
    restore() {
      for (const [name, listener] of Object.entries(listeners)) unsubscribe(name, listener)
    },
  }
}

interface UndiciRequest {
  readonly method: string
  readonly origin: string | URL
  readonly path: string
}
