import type { Adapter } from 'holdfast'
import { crewAdapter } from './crew-adapter.ts'
import type { ToolUse } from './crew-adapter.ts'

/** Ties KaibanJS to Holdfast. */
export const adapter: Adapter = crewAdapter<KaibanTeam, object>({
  name: 'kaibanjs',
  specifier: 'kaibanjs',
  file: /\/kaibanjs\/dist\/bundle\.(?:mjs|cjs|js)$/,
  team: 'Team',
  start: ['start'],
  teamName: (team) => state(team)?.name,
  agents: (team) => (state(team)?.agents ?? []).map(({ agentInstance }) => agentInstance),
  work: ['workOnTask', 'workOnFeedback', 'workOnTaskResume'],
  useTool: 'executeUsingTool',
  toolUse(args) {
    const [use] = args as [KaibanToolUse | undefined]
    if (use?.tool === undefined) return undefined
    return {
      tool: use.tool,
      arguments: use.parsedLLMOutput?.actionInput ?? {},
      withTool: (tool) => [{ ...use, tool }],
    }
  },
  sampleAgents({ Agent }) {
    // The class behind Agent is not exported; an agent without a team does nothing.
    const Sample = Agent as new (options: object) => { agentInstance: object }
    return [new Sample({ name: '', role: '', goal: '', background: '', tools: [] }).agentInstance]
  },
})

interface KaibanToolUse {
  readonly tool?: ToolUse['tool']
  readonly parsedLLMOutput?: { readonly actionInput?: unknown }
}

interface KaibanState {
  readonly name?: string
  readonly agents?: readonly { readonly agentInstance: object }[]
}

interface KaibanTeam {
  readonly store?: { getState(): KaibanState }
}

function state(team: KaibanTeam): KaibanState | undefined {
  return team.store?.getState()
}
