import type { Hold, Patch } from '../hold.ts'
import { replaceMethod } from '../replace-method.ts'
import { fetchExchange } from './fetch-exchange.ts'
import { methodOf, urlOf } from './fetch-input.ts'

type Fetch = typeof globalThis.fetch

/** Puts a fetch that asks the hold first in place of the realm's own. Undefined where it stands already. */
export function patchFetch(hold: Hold, realm: typeof globalThis): Patch | undefined {
  const name = 'globalThis.fetch'
  const make = (original: Fetch) =>
    function fetch(this: unknown, input: unknown, init?: unknown): Promise<Response> {
      const method = methodOf(input, init)
      if (hold.wants(method) && hold.claimants.fetch.length > 0 && !hold.isInside()) {
        const url = urlOf(input)
        if (url !== undefined) {
          const claimant = hold.claim('fetch', method, url)
          if (claimant !== undefined) {
            hold.book.caught.fetch++
            hold.recheck(realm)
            const call = { original, receiver: this, arguments, url, method }
            return fetchExchange(claimant, call, hold)
          }
        }
      }
      return Reflect.apply(original, this, arguments) as Promise<Response>
    }
  const patch = replaceMethod(hold, realm, 'fetch', make, () => hold.book.holds.fetch.delete(name))
  if (patch !== undefined) hold.book.holds.fetch.add(name)
  return patch
}
