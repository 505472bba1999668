import type { AdapterHost, RunHint } from 'holdfast'
import { inTime } from './in-time.ts'
import { currentTurn, isEnd, Turn } from './turn.ts'

/** What a run of OpenClaw is asked for. */
interface RunParams {
  readonly runId?: unknown
  readonly sessionKey?: unknown
  readonly sessionId?: unknown
  readonly agentId?: unknown
  readonly senderId?: unknown
  /** The key of the session whose agent started this one: a sub-agent's. */
  readonly spawnedBy?: unknown
  readonly abortSignal?: unknown
}

type RunAgent = (this: unknown, params: RunParams) => unknown

/** So many turns that the journal has ended are known. */
const mostEnded = 100

/**
 * One turn of an agent is one run, with all its attempts. OpenClaw's queues keep the context they were given, its timers
 * do not: a gateway wakes the sessions of all agents from whichever turn has set the timer.
 */
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
        const hint = hintFrom(params)
        const turn = new Turn(
          hint.session,
          abortSignal instanceof AbortSignal ? abortSignal : undefined,
        )
        const stoppable = { ...params, abortSignal: turn.signal }
        try {
          return await host.run(hint, () => turn.run(() => original.call(this, stoppable)))
        } catch (error) {
          if (isEnd(error) && runId !== undefined) ended.set(runId, error)
          if (ended.size > mostEnded) ended.delete(ended.keys().next().value)
          throw error
        }
      },
  )
}

/** A session is known by its key (`agent:main:…`), which stays when its transcript begins anew. */
function hintFrom(params: RunParams): RunHint {
  const { runId, sessionKey, sessionId, agentId, senderId } = params
  const session = sessionKey || sessionId
  const ofSession = typeof session === 'string' ? /^agent:([^:]+):/.exec(session)?.[1] : undefined
  return {
    ...(typeof runId === 'string' && runId !== '' ? { key: `openclaw ${runId}` } : {}),
    session,
    user: senderId,
    agent: agentId || ofSession,
    apart: isApartFrom(currentTurn(), params),
  }
}

/** Part of a turn are those of its sub-agents, and what looks into the memory of its session for it. */
function isApartFrom(turn: Turn | undefined, { sessionKey, spawnedBy }: RunParams): boolean {
  if (turn === undefined || spawnedBy === turn.session) return false
  return !String(sessionKey).startsWith(`${String(turn.session)}:active-memory:`)
}
