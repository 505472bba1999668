import type { AdapterHost, RunHint } from 'holdfast'
import { inTime } from './in-time.ts'

/** What a run of OpenClaw is asked for. */
interface RunParams {
  readonly runId?: unknown
  readonly sessionKey?: unknown
  readonly sessionId?: unknown
  readonly agentId?: unknown
  readonly senderId?: unknown
}

type RunAgent = (this: unknown, params: RunParams) => unknown

/** One turn of an agent is one run, with all its attempts; OpenClaw's queues keep the context they were given. */
export function patchRuns(
  _exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
  functions?: object,
): void {
  host.patch<RunAgent>(
    inTime(functions),
    'runEmbeddedAgent',
    (original) =>
      function runEmbeddedAgent(params) {
        return host.run(hintFrom(params), () => original.call(this, params))
      },
  )
}

/** A session is known by its key (`agent:main:…`), which stays when its transcript begins anew. */
function hintFrom({ runId, sessionKey, sessionId, agentId, senderId }: RunParams): RunHint {
  const session = text(sessionKey) ?? text(sessionId)
  const user = text(senderId)
  const agent = text(agentId) ?? /^agent:([^:]+):/.exec(session ?? '')?.[1]
  const key = text(runId)
  return {
    ...(key === undefined ? {} : { key: `openclaw ${key}` }),
    ...(session === undefined ? {} : { session }),
    ...(user === undefined ? {} : { user }),
    ...(agent === undefined ? {} : { agent }),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
