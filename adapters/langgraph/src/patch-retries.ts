import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'

type Work = (...args: unknown[]) => Promise<unknown>
type Call = (this: object, work: Work, ...args: unknown[]) => Promise<unknown>
type CallWithRetries = (
  this: object,
  retries: number,
  work: Work,
  args: unknown[],
) => Promise<unknown>

/**
 * LangChain tries a model call up to seven times; while Holdfast retries, it tries once.
 * It also queues calls under `maxConcurrency`, where they would start in the context of whoever finished before:
 * bound to their own, they stay in their run.
 */
export function patchRetries(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = host.prototypeOf(exports, 'AsyncCaller')
  if (!('callWithRetries' in prototype)) return patchCall(prototype, host)
  host.patch<CallWithRetries>(
    prototype,
    'callWithRetries',
    (original) =>
      function callWithRetries(retries, work, args) {
        return original.call(
          this,
          host.reliability ? 0 : retries,
          AsyncLocalStorage.bind(work),
          args,
        )
      },
  )
}

/** Earlier versions keep the number of retries on the caller, where only this call is to see another one. */
function patchCall(prototype: object, host: AdapterHost): void {
  host.patch<Call>(
    prototype,
    'call',
    (original) =>
      function call(work, ...args) {
        const caller = host.reliability
          ? (Object.create(this, { maxRetries: { value: 0 } }) as object)
          : this
        return original.call(caller, AsyncLocalStorage.bind(work), ...args)
      },
  )
}
