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
}
