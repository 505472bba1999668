import type { AdapterHost } from 'holdfast'
import { handOffs } from './hand-offs.ts'
import type { WorkflowState } from './hand-offs.ts'

interface Tool {
  readonly metadata: {
    readonly name: string
    readonly description?: string
    readonly parameters?: unknown
  }
}

interface AgentWorkflow {
  readonly agents?: ReadonlyMap<string, { readonly tools: readonly Tool[] }>
  readonly stateful?: { getContext(): { readonly state: WorkflowState } }
}

interface ToolCall {
  readonly agentName: string
  readonly toolName: string
  readonly toolKwargs: unknown
  readonly toolId?: unknown
}

type CallTool = (this: AgentWorkflow, call: ToolCall) => Promise<unknown>

/** The agents of a workflow run their tools through it. */
export function patchTools(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<CallTool>(
    host.prototypeOf(exports, 'AgentWorkflow'),
    'callTool',
    (original) =>
      function callTool(call) {
        const { agentName, toolName, toolKwargs, toolId } = call
        const tool = this.agents
          ?.get(agentName)
          ?.tools.find(({ metadata }) => metadata.name === toolName)
        return host.tool(
          {
            name: toolName,
            arguments: toolKwargs,
            toolCallId: typeof toolId === 'string' ? toolId : undefined,
            framework: 'llamaindex',
            description: tool?.metadata.description,
            parameters: tool?.metadata.parameters,
            results:
              toolName === 'handOff' ? handOffs(this.stateful?.getContext().state) : undefined,
          },
          (changed) =>
            original.call(
              this,
              changed === undefined ? call : { ...call, toolKwargs: changed.arguments },
            ),
        )
      },
  )
}
