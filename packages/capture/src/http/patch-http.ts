import type { Agent, ClientRequest, RequestOptions } from 'node:http'
import { claimedSymbol, type Hold, type Patch } from '../hold.ts'
import { replaceMethod } from '../replace-method.ts'
import { httpExchange } from './http-exchange.ts'
import { http } from './node-http.ts'

type AddRequest = (
  this: Agent,
  request: ClientRequest,
  options: unknown,
  ...rest: unknown[]
) => void

/** Patches what every request of node:http and node:https passes, whoever holds `request`, `get` or an agent. */
export function patchHttp(hold: Hold): Patch | undefined {
  const name = 'http.Agent'
  const make = (original: AddRequest) =>
    function addRequest(
      this: Agent,
      request: ClientRequest,
      options: unknown,
      _port?: unknown,
      _localAddress?: unknown,
    ): void {
      if (
        hold.wants(request.method) &&
        hold.claimants.http.length > 0 &&
        isNew(options) &&
        !hold.isInside()
      ) {
        const url = urlOf(request, options)
        const claimant = hold.claim('http', request.method, url)
        if (claimant !== undefined && isExchange(request)) {
          hold.book.caught.http++
          httpExchange(claimant, { agent: this, request, options, url }, hold.own.requests)
          return
        }
        // Usually it is announced before another one comes here; nobody is asked twice then.
        if (claimant === undefined) hold.own.unclaimed = request
      }
      Reflect.apply(original, this, arguments as unknown as Parameters<AddRequest>)
    }
  const restored = (): void => void hold.book.holds.http.delete(name)
  const patch = replaceMethod(hold, http.Agent.prototype, 'addRequest', make, restored)
  if (patch !== undefined) hold.book.holds.http.add(name)
  return patch
}

function isNew(options: unknown): options is RequestOptions {
  return typeof options === 'object' && options !== null && !(claimedSymbol in options)
}

/** What is no plain exchange is Node's own matter. */
function isExchange(request: ClientRequest): boolean {
  return request.method !== 'CONNECT' && request.getHeader('upgrade') === undefined
}

/** The URL that a request of node:http is for. */
export function urlOf(request: ClientRequest, options?: RequestOptions): string {
  const { path } = request
  // A proxy is asked for the whole URL.
  if (path.startsWith('http')) return path
  const header = request.getHeader('host')
  return `${request.protocol}//${typeof header === 'string' ? header : hostOf(request, options)}${path}`
}

function hostOf(request: ClientRequest, options: RequestOptions | undefined): string {
  const host = options?.hostname ?? options?.host ?? request.host
  const port = options?.port
  const bracketed = host.includes(':') ? `[${host}]` : host
  return port === undefined || port === null || port === '' ? bracketed : `${bracketed}:${port}`
}
