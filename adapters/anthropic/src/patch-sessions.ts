import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost } from 'holdfast'
import { heldRun } from './held-tools.ts'
import type { Run, RunnableTool } from './held-tools.ts'

interface Runner {
  readonly sessionId?: unknown
  readonly tools?: readonly RunnableTool[]
}

type Iterate = (this: Runner) => AsyncGenerator<unknown, unknown>

/** Who holds the tools, in what a runner of a session does. */
const holding = new AsyncLocalStorage<AdapterHost>()

/** Tools that can be held. */
const known = new WeakSet<RunnableTool>()

/**
 * The runner of a managed agent's session has put its tools away when it begins, so they are held where they are; for
 * everybody else they stay as they were. What it does is a run of that session.
 */
export function patchSessions(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<Iterate>(
    host.prototypeOf(exports, 'SessionToolRunner'),
    Symbol.asyncIterator,
    (original) =>
      function iterate() {
        for (const tool of this.tools ?? []) makeHoldable(tool)
        const hint = { session: this.sessionId }
        return holding.run(host, () => host.runSteps(hint, original.call(this)))
      },
  )
}

function makeHoldable(tool: RunnableTool): void {
  const { run, name } = tool
  if (known.has(tool) || typeof run !== 'function' || name === undefined) return
  known.add(tool)
  const either: Run = (...args) => {
    const host = holding.getStore()
    return host === undefined ? run.apply(tool, args) : heldRun(tool, run, host)(...args)
  }
  // A tool that may not be changed stays as it is.
  Reflect.defineProperty(tool, 'run', {
    value: either,
    writable: true,
    configurable: true,
    enumerable: true,
  })
}
