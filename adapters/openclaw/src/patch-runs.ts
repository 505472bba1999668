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
  const session = sessionKey || sessionId
  const ofSession = typeof session === 'string' ? /^agent:([^:]+):/.exec(session)?.[1] : undefined
  return {
    ...(typeof runId === 'string' && runId !== '' ? { key: `openclaw ${runId}` } : {}),
    session,
    user: senderId,
    agent: agentId || ofSession,
  }
}
