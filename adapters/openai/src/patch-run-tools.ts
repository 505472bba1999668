import type { AdapterHost } from 'holdfast'
import { heldTool } from './held-tool.ts'
import type { Runner } from './held-tool.ts'

interface RunBody {
  readonly tools?: readonly object[]
  readonly user?: unknown
  readonly safety_identifier?: unknown
}

type RunTools = (this: object, body: RunBody, ...rest: unknown[]) => Runner

/** Each `runTools()`, streamed or not, is a run, and works with tools that go through the host. */
export function patchRunTools(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<RunTools>(
    host.prototypeOf(exports, 'Completions'),
    'runTools',
    (original) =>
      function runTools(body, ...rest) {
        return host.runUntil(
          { user: body?.safety_identifier || body?.user },
          () => original.call(this, withHeldTools(body, host), ...rest),
          whenOver,
        )
      },
  )
}

/** Asked only at the end: a runner whose `done()` somebody has asked for does not report an error nobody handles. */
function whenOver(runner: Runner): Promise<void> {
  return new Promise((resolve) => {
    runner.on('end', () => resolve(runner.done()))
  })
}

function withHeldTools(body: RunBody, host: AdapterHost): RunBody {
  if (!Array.isArray(body?.tools)) return body
  return { ...body, tools: body.tools.map((tool: object) => heldTool(tool, host)) }
}
