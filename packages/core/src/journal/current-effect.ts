import { AsyncLocalStorage } from 'node:async_hooks'

/** What a tool may know of the call that it is executing. */
export interface Effect {
  /** The same for the same call, also when it is made again after a crash: pass it on to whoever knows such keys. */
  readonly idempotencyKey: string
  /** True where an earlier execution of this call was cut off, and nobody knows how far it came. */
  readonly again: boolean
}

/** One for all copies of Holdfast: the tool may have another one than the journal. */
const slot = Symbol.for('holdfast.effect')
const scope = ((globalThis as { [slot]?: AsyncLocalStorage<Effect> })[slot] ??=
  new AsyncLocalStorage<Effect>())

/** The effect that the code running now is to have; undefined outside of a journaled tool call. */
export function currentEffect(): Effect | undefined {
  return scope.getStore()
}

/** Calls `work` as that effect. */
export function enterEffect<T>(effect: Effect, work: () => T): T {
  return scope.run(effect, work)
}
