import { capture } from '@holdfast/capture'
import type { HttpHandler, HttpLayer } from '@holdfast/core'
import type { AdapterHost } from './adapters/adapter.ts'
import { attachAdapters } from './adapters/attach.ts'
import type { AttachedAdapters } from './adapters/attach.ts'
import { longRuns } from './adapters/long-runs.ts'
import { ownerOf } from './adapters/owner-of.ts'
import { MethodPatches } from './adapters/patch.ts'
import { prototypeOf } from './adapters/prototype-of.ts'
import { modelCallMethods, modelCalls } from './model-calls.ts'
import type { HoldfastOptions } from './options.ts'

/** What calls go through once they are caught. */
export interface CallLines {
  readonly llm: HttpHandler
  readonly tool: AdapterHost['tool']
  readonly run: AdapterHost['run']
  /** Told of model calls that could not be caught. */
  passing(layer: HttpLayer, url: string): void
}

/** A hold on the process: its frameworks and its HTTP calls. */
export interface Grip {
  readonly adapters: AttachedAdapters | undefined
  release(): void
}

/** Takes hold of the process. `lines` is asked for when something is caught: until then they need not be there. */
export function takeHold(
  options: HoldfastOptions,
  { preloaded }: { readonly preloaded: boolean },
  lines: () => CallLines,
): Grip {
  const patches = new MethodPatches()
  const run: AdapterHost['run'] = (hint, work) => lines().run(hint, work)
  const host: AdapterHost = {
    prototypeOf,
    ownerOf,
    patch: (owner, method, wrap) => patches.patch(owner, method, wrap),
    tool: async (start, execute) => lines().tool(start, execute),
    run,
    ...longRuns(run),
    reliability: options.reliability !== false,
  }
  const { own = [], without = [] } = options.adapters === false ? {} : (options.adapters ?? {})
  const adapters =
    options.adapters === false ? undefined : attachAdapters({ host, own, without, preloaded })

  const handler: HttpHandler = {
    methods: modelCallMethods,
    claims: modelCalls(options.ignoreHosts),
    handle: (request, transport) => lines().llm.handle(request, transport),
  }
  const captured = capture(handler, {
    eager: !preloaded,
    transport: options.transport ?? 'direct',
    onPassing: ({ layer, url }) => lines().passing(layer, url),
  })
  return {
    adapters,
    release() {
      captured.release()
      adapters?.release()
      patches.release()
    },
  }
}
