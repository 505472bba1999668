import type { AdapterHost } from 'holdfast'
import { heldTool, withHeldTools } from './held-tools.ts'

interface Runner {
  readonly params?: { readonly metadata?: { readonly user_id?: unknown } | null }
}

type Iterate = (this: Runner) => AsyncGenerator<unknown, unknown>
type AddTools = (this: Runner, ...tools: object[]) => void
type SetParams = (this: Runner, params: object | ((before: object) => object)) => void

/** Every runner works while it is iterated, also where it is awaited: that is its run. */
export function patchRunner(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const prototype = host.prototypeOf(exports, 'BetaToolRunner')
  host.patch<Iterate>(
    prototype,
    Symbol.asyncIterator,
    (original) =>
      function iterate() {
        return host.runSteps({ user: this.params?.metadata?.user_id }, original.call(this))
      },
  )
  host.patch<SetParams>(
    prototype,
    'setMessagesParams',
    (original) =>
      function setMessagesParams(params) {
        return original.call(
          this,
          typeof params === 'function'
            ? (before: object) => withHeldTools(params(before), host)
            : withHeldTools(params, host),
        )
      },
  )
  if (!('addTools' in prototype)) return
  host.patch<AddTools>(
    prototype,
    'addTools',
    (original) =>
      function addTools(...tools) {
        return original.apply(
          this,
          tools.map((tool) => heldTool(tool, host)),
        )
      },
  )
}
