import type { AdapterHost, RunHint } from 'holdfast'

interface Runner {
  readonly config?: { readonly groupId?: unknown }
}

interface Session {
  getSessionId?(): Promise<unknown>
}

interface RunOptions {
  readonly session?: Session
  readonly conversationId?: unknown
}

type Run = (
  this: Runner,
  agent: { readonly name?: unknown },
  input: unknown,
  options?: RunOptions,
) => Promise<unknown>

/** `run()` and agents used as tools end at `Runner.run`; a streamed run is over when its result is `completed`. */
export function patchRunner(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<Run>(
    host.prototypeOf(exports, 'Runner'),
    'run',
    (original) =>
      function run(agent, input, options) {
        const begin = (session: unknown): Promise<unknown> =>
          host.runUntil(
            hintFrom(this, agent, options, session),
            () => original.call(this, agent, input, options),
            (result) => result.then(whenOver),
          )
        return options?.session?.getSessionId === undefined
          ? begin(undefined)
          : sessionId(options.session).then(begin)
      },
  )
}

async function whenOver(result: unknown): Promise<void> {
  await (result as { completed?: Promise<unknown> }).completed
}

function hintFrom(
  runner: Runner,
  agent: { readonly name?: unknown },
  options: RunOptions | undefined,
  sessionOf: unknown,
): RunHint {
  return {
    session: sessionOf || options?.conversationId || runner.config?.groupId,
    agent: agent.name,
  }
}

async function sessionId(session: Session): Promise<unknown> {
  try {
    return await session.getSessionId?.()
  } catch {
    // The run asks again, and fails as it would without Holdfast.
    return undefined
  }
}
