import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'
import { prototypeOf } from './prototype-of.ts'

type Work = (...args: unknown[]) => Promise<unknown>
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
  host.patch<CallWithRetries>(
    prototypeOf(exports, 'AsyncCaller'),
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
