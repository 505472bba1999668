import { holdOf, markPatched, type Hold, type Patch } from '../hold.ts'
import { fetchExchange } from './fetch-exchange.ts'
import { methodOf, urlOf } from './fetch-input.ts'

/** Puts a fetch that asks the hold first in place of the realm's own. Undefined where it stands already. */
export function patchFetch(hold: Hold, realm: typeof globalThis): Patch | undefined {
  const original = realm.fetch
  if (typeof original !== 'function' || holdOf(original) !== undefined) return undefined

  function fetch(this: unknown, input: unknown, init?: unknown): Promise<Response> {
    if (hold.claimants.fetch.length > 0 && !hold.isInside()) {
      const url = urlOf(input)
      if (url !== undefined) {
        const method = methodOf(input, init)
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

  const patched = markPatched(fetch, original, hold) as typeof globalThis.fetch
  realm.fetch = patched
  hold.book.holds.fetch.add('globalThis.fetch')
  return {
    restore() {
      if (realm.fetch === patched) realm.fetch = original
      hold.book.holds.fetch.delete('globalThis.fetch')
    },
  }
}
