import type { RunHint } from 'holdfast'

/** What an application says of a run of an agent. */
export interface AgentOptions {
  readonly memory?: { readonly thread?: unknown; readonly resource?: unknown }
  /** As earlier versions have it. */
  readonly threadId?: unknown
  readonly resourceId?: unknown
  readonly requestContext?: { get?(key: string): unknown }
}

/** Session and user, which Mastra calls thread and resource; what a server has put into the request's context counts more. */
export function hintFrom(
  agent: { readonly name?: unknown; readonly id?: unknown },
  options: AgentOptions | undefined,
): RunHint {
  const { memory, threadId, resourceId, requestContext } = options ?? {}
  const thread = memory?.thread
  const session =
    text(requestContext?.get?.('mastra__threadId')) ??
    text(typeof thread === 'object' && thread !== null && 'id' in thread ? thread.id : thread) ??
    text(threadId)
  const user =
    text(requestContext?.get?.('mastra__resourceId')) ?? text(memory?.resource) ?? text(resourceId)
  const name = text(agent.name) ?? text(agent.id)
  return {
    ...(session === undefined ? {} : { session }),
    ...(user === undefined ? {} : { user }),
    ...(name === undefined ? {} : { agent: name }),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
