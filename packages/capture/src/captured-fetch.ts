import type { HttpHandler } from '@holdfast/core'
import { currentHold } from './capture.ts'
import type { Claimant } from './hold.ts'
import { fetchExchange } from './fetch/fetch-exchange.ts'
import { methodOf, urlOf } from './fetch/fetch-input.ts'

/**
 * A fetch that gives the handler the exchanges it claims and leaves the process alone.
 * An exchange is handled once, also where the process's own calls are captured.
 */
export function capturedFetch(handler: HttpHandler): typeof globalThis.fetch {
  const claimant: Claimant = {
    handler,
    layers: ['fetch'],
    maxBodyBytes: 32 * 1024 * 1024,
    transport: 'direct',
    onPassing: undefined,
  }

  // The one of now: what stands there later may be this very function, or be built on it.
  const original = globalThis.fetch

  function fetch(this: unknown, input: unknown, init?: unknown): Promise<Response> {
    const hold = currentHold()
    const url = hold.isInside() ? undefined : urlOf(input)
    if (url !== undefined) {
      const method = methodOf(input, init)
      if (claims(handler, method, url)) {
        const call = { original, receiver: undefined, arguments, url, method }
        return fetchExchange(claimant, call, hold)
      }
    }
    return Reflect.apply(original, undefined, arguments) as Promise<Response>
  }

  return Object.defineProperty(fetch, 'length', { value: 1 })
}

function claims(handler: HttpHandler, method: string, url: string): boolean {
  try {
    return handler.claims(method, url)
  } catch {
    return false
  }
}
