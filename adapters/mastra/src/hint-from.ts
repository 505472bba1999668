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
  const isObject = typeof thread === 'object' && thread !== null
  return {
    session:
      requestContext?.get?.('mastra__threadId') ||
      (isObject && 'id' in thread ? thread.id : thread) ||
      threadId,
    user: requestContext?.get?.('mastra__resourceId') || memory?.resource || resourceId,
    agent: agent.name || agent.id,
  }
}
