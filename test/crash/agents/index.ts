import type { AgentName } from '../cell.ts'
import type { PlayAgent } from './agent.ts'

/** The agents; each loads its framework when it is asked for. */
export const agents: Readonly<Record<AgentName, () => Promise<{ readonly play: PlayAgent }>>> = {
  openai: () => import('./openai.ts'),
  anthropic: () => import('./anthropic.ts'),
  langgraph: () => import('./langgraph.ts'),
  'openai-agents': () => import('./openai-agents.ts'),
  kaiban: () => import('./kaiban.ts'),
  'ai-sdk': () => import('./ai-sdk.ts'),
  mastra: () => import('./mastra.ts'),
  voltagent: () => import('./voltagent.ts'),
  'openai-runner': () => import('./openai-runner.ts'),
  'anthropic-runner': () => import('./anthropic-runner.ts'),
  genai: () => import('./genai.ts'),
  'google-adk': () => import('./google-adk.ts'),
  bedrock: () => import('./bedrock.ts'),
  llamaindex: () => import('./llamaindex.ts'),
  mcp: () => import('./mcp.ts'),
  openclaw: () => import('./openclaw.ts'),
}
