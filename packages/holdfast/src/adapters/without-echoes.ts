import { AsyncLocalStorage } from 'node:async_hooks'
import { isDeepStrictEqual } from 'node:util'
import type { AdapterHost, ToolStart } from './adapter.ts'

/**
 * A host on which one tool run is one tool call, also where a framework runs a tool that was written for another one:
 * started in it with the same name and arguments, that is the call which is running already.
 */
export function withoutEchoes(host: AdapterHost): AdapterHost {
  const running = new AsyncLocalStorage<ToolStart>()
  return {
    reliability: host.reliability,
    patch: (owner, method, wrap) => host.patch(owner, method, wrap),
    run: (hint, work) => host.run(hint, work),
    async tool(start, execute) {
      const outer = running.getStore()
      if (outer !== undefined && isEcho(outer, start)) return execute()
      return host.tool(start, () => running.run(start, execute))
    },
  }
}

function isEcho(outer: ToolStart, inner: ToolStart): boolean {
  return (
    outer.framework !== inner.framework &&
    outer.name === inner.name &&
    isDeepStrictEqual(outer.arguments, inner.arguments)
  )
}
