import type { AdapterHost, ToolResultForm } from 'holdfast'
import { asApplication } from './runs.ts'

interface Tool {
  readonly description?: unknown
  readonly execute?: Execute
}

interface Context {
  readonly toolCallId?: unknown
  readonly suspend?: (...args: unknown[]) => unknown
}

type Execute = (this: unknown, input: unknown, context?: Context, ...rest: unknown[]) => unknown

type ConvertTools = (this: unknown, ...args: unknown[]) => Promise<Record<string, Tool>>

/** Before each turn an agent gathers its tools here, those of MCP servers, memory, agents and workflows among them. */
export function patchTools(agent: object, host: AdapterHost): void {
  host.patch<ConvertTools>(
    agent,
    'convertTools',
    (original) =>
      async function convertTools(...args) {
        const tools = await original.apply(this, args)
        return Object.fromEntries(
          Object.entries(tools).map(([name, tool]) => [name, heldTool(name, tool, host)]),
        )
      },
  )
}

function heldTool(name: string, tool: Tool, host: AdapterHost): Tool {
  const { execute: real } = tool
  // A tool of the client runs there.
  if (typeof real !== 'function') return tool
  const description = typeof tool.description === 'string' ? tool.description : undefined
  return {
    ...tool,
    async execute(input, context, ...rest) {
      const toolCallId = context?.toolCallId
      const start = {
        name,
        arguments: input,
        toolCallId: typeof toolCallId === 'string' ? toolCallId : undefined,
        framework: 'mastra',
        description,
        results,
      }
      try {
        return await host.tool(start, (changed) => {
          const pausing = pausable(context)
          return pausing.result(() =>
            asApplication(() =>
              real.call(
                tool,
                changed === undefined ? input : changed.arguments,
                pausing.context,
                ...rest,
              ),
            ),
          )
        })
      } catch (error) {
        if (error instanceof Pause) return error.end()
        throw error
      }
    },
  }
}

/** A tool that suspends its agent is not done: when the agent goes on, it is called again. */
class Pause extends Error {
  /** Ends the call as the tool did. */
  readonly end: () => unknown

  constructor(end: () => unknown) {
    super('The tool waits for somebody.')
    this.end = end
  }
}

const results: ToolResultForm = {
  store: () => undefined,
  restore: (stored) => stored,
  isPause: (error) => error instanceof Pause,
}

/** The context with a `suspend` that is noticed, and what then becomes of the result. */
function pausable(context: Context | undefined): {
  readonly context: Context | undefined
  result(execute: () => unknown): Promise<unknown>
} {
  const { suspend } = context ?? {}
  if (typeof suspend !== 'function') return { context, result: async (execute) => execute() }
  let suspended = false
  return {
    context: {
      ...context,
      suspend(...args) {
        suspended = true
        return suspend.apply(context, args)
      },
    },
    async result(execute) {
      try {
        const result = await execute()
        if (!suspended) return result
        throw new Pause(() => result)
      } catch (error) {
        if (!suspended || error instanceof Pause) throw error
        throw new Pause(() => {
          throw error
        })
      }
    },
  }
}
