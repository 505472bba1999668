import type { AdapterHost } from 'holdfast'
import { withHeldTools } from './held-tools.ts'

type Begin = (this: object, body: object, ...rest: unknown[]) => object

/** Runners and the threads that they may run over begin with tools that go through the host. */
export function patchMessages(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = host.prototypeOf(exports, 'Messages')
  for (const method of ['toolRunner', 'thread']) {
    if (method === 'thread' && !(method in prototype)) continue
    host.patch<Begin>(
      prototype,
      method,
      (original) =>
        function begin(body, ...rest) {
          return original.call(this, withHeldTools(body, host), ...rest)
        },
    )
  }
}
