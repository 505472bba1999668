import type { AdapterHost } from 'holdfast'
import { hintFrom } from './hint-from.ts'
import { isInnerWork, runOwner } from './runs.ts'

interface WorkflowRun {
  readonly workflowId?: unknown
  readonly resourceId?: unknown
}

type Method = (this: WorkflowRun, ...args: unknown[]) => Promise<unknown>

/** Each execution of a workflow is a run; agents in its steps are runs inside of it. It ends where it is suspended. */
export function patchWorkflows(
  exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
): void {
  for (const method of ['_start', '_resume', '_restart']) {
    host.patch<Method>(
      host.prototypeOf(exports, 'Run'),
      method,
      (original) =>
        function execute(...args) {
          // Agents are made of workflows, and workflows of others.
          if (isInnerWork()) return original.apply(this, args)
          const { workflowId: name, resourceId } = this
          return runOwner(host, hintFrom({ name }, { resourceId }), this, () =>
            original.apply(this, args),
          )
        },
    )
  }
}
