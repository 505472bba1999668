import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { TransportProgress } from '@holdfast/core'
import { holdMark, type Hold, type Patch } from './hold.ts'
import { urlOf } from './http/patch-http.ts'

// What every HTTP stack says about each request that really goes out, whoever made it and however.
// https://nodejs.org/api/diagnostics_channel.html, https://undici.nodejs.org/#/docs/api/DiagnosticsChannel (2026-11-21)
type Listeners = Readonly<Record<string, (message: unknown) => void>>

/**
 * Looks out for exchanges that somebody would have claimed but that no layer caught; HTTP/2 is only ever seen here.
 * Tells the progress of undici's attempts too, as far as they get there at once: a full pool makes them wait unseen.
 */
export function observe(hold: Hold): Patch {
  // Requests of undici that are not on a connection yet, whose attempts somebody follows.
  const waiting = new Map<UndiciRequest, TransportProgress>()
  const follow = (request: UndiciRequest, progress: TransportProgress): void => {
    if (waiting.size === 0) listen(following, hold)
    waiting.set(request, progress)
  }
  const left = ({ request }: { request: UndiciRequest }): void => {
    if (waiting.delete(request) && waiting.size === 0) unlisten(following)
  }
  const sent = (message: unknown): void => {
    waiting.get((message as { request: UndiciRequest }).request)?.sent?.()
    left(message as { request: UndiciRequest })
  }
  // Only while somebody waits: every other call of undici would pay for them.
  const following: Listeners = {
    'undici:client:beforeConnect'(message) {
      const { protocol, host } = (message as { connectParams: UndiciConnection }).connectParams
      for (const [{ origin }, progress] of waiting) {
        if (originOf(origin) === `${protocol}//${host}`) progress.connecting?.()
      }
    },
    'undici:client:sendHeaders': sent,
    // HTTP/2 in undici 6 says nothing when it sends.
    'undici:request:headers': sent,
    'undici:request:error': (message) => left(message as { request: UndiciRequest }),
  }
  const always: Listeners = {
    'undici:request:create'(message) {
      const { request } = message as { request: UndiciRequest }
      const { dispatched, progress } = hold.own
      if (progress !== undefined) follow(request, progress)
      const { method, origin, path } = request
      if (dispatched !== undefined || !hold.wants(method) || hold.isInside()) return
      if (typeof path !== 'string' || method === 'CONNECT') return
      hold.passing('undici', method, originOf(origin) + path)
    },
    'http.client.request.start'(message) {
      const { request } = message as { request: ClientRequest }
      const { own } = hold
      if (!hold.wants(request.method)) return
      if (request === own.unclaimed) own.unclaimed = undefined
      else if (!own.requests.has(request) && !hold.isInside()) {
        hold.passing('http', request.method, urlOf(request))
      }
    },
    'http2.client.stream.start'(message) {
      if (hold.isInside()) return
      const { headers } = message as { headers: Record<string, string | undefined> }
      const { ':scheme': scheme, ':authority': authority, ':path': path } = headers
      hold.passing('http2', headers[':method'] ?? 'GET', `${scheme}://${authority}${path}`)
    },
  }
  listen(always, hold)
  return {
    restore() {
      unlisten(always)
      unlisten(following)
      waiting.clear()
    },
  }
}

function listen(listeners: Listeners, hold: Hold): void {
  for (const [name, listener] of Object.entries(listeners)) {
    // Tells our own listeners from those of somebody who watches the process.
    if (!Object.hasOwn(listener, holdMark))
      Object.defineProperty(listener, holdMark, { value: hold })
    subscribe(name, listener)
  }
}

function unlisten(listeners: Listeners): void {
  for (const [name, listener] of Object.entries(listeners)) unsubscribe(name, listener)
}

function originOf(origin: string | URL): string {
  return typeof origin === 'string' ? origin : origin.origin
}

interface UndiciConnection {
  readonly protocol: string
  readonly host: string
}

interface UndiciRequest {
  readonly method: string
  readonly origin: string | URL
  readonly path: string
}
