import type { DriverName, Play } from './driver.ts'

/** The agents; each loads its framework when it is asked for. */
export const drivers: Readonly<Record<DriverName, () => Promise<{ readonly play: Play }>>> = {
  langgraph: () => import('./langgraph.ts'),
  'openai-agents': () => import('./openai-agents.ts'),
  kaibanjs: () => import('./kaiban.ts'),
  fetch: () => import('./plain-fetch.ts'),
}
