import type { AdapterHost, RunHint } from 'holdfast'
import { inTime } from './in-time.ts'
import { isEnd, Turn } from './turn.ts'

/** What a run of OpenClaw is asked for. */
interface RunParams {
  readonly runId?: unknown
  readonly sessionKey?: unknown
  readonly sessionId?: unknown
  readonly agentId?: unknown
  readonly senderId?: unknown
  readonly abortSignal?: unknown
}

type RunAgent = (this: unknown, params: RunParams) => unknown

/** So many turns that the journal has ended are known. */
const mostEnded = 100

/** One turn of an agent is one run, with all its attempts; OpenClaw's queues keep the context they were given. */
export function patchRuns(
  _exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
  functions?: object,
): void {
  /** What was refused to one model is not for the next one in OpenClaw's list of fallbacks. */
  const ended = new Map<unknown, unknown>()
  host.patch<RunAgent>(
    inTime(functions),
    'runEmbeddedAgent',
    (original) =>
      async function runEmbeddedAgent(params) {
        const { runId, abortSignal } = params
        if (ended.has(runId)) throw ended.get(runId)
        const turn = new Turn(abortSignal instanceof AbortSignal ? abortSignal : undefined)
        const stoppable = { ...params, abortSignal: turn.signal }
        try {
          return await host.run(hintFrom(params), () =>
            turn.run(() => original.call(this, stoppable)),
          )
        } catch (error) {
          if (isEnd(error) && runId !== undefined) ended.set(runId, error)
          if (ended.size > mostEnded) ended.delete(ended.keys().next().value)
          throw error
        }
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
