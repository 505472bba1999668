import { AsyncLocalStorage } from 'node:async_hooks'

const held = new AsyncLocalStorage<true>()

/** Calls a model, so that whatever the SDK does for it knows that Holdfast holds this call. */
export function holdCall<T>(call: () => T): T {
  return held.run(true, call)
}

/** True in what the SDK does for a call that Holdfast holds. */
export function isHeldCall(): boolean {
  return held.getStore() === true
}
