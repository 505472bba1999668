import type { Adapter } from 'holdfast'
import { patchAgent } from './patch-agent.ts'
import { patchTools } from './patch-tools.ts'
import { patchWorkflows } from './patch-workflows.ts'

/** Ties Mastra to Holdfast. */
export const adapter: Adapter = {
  name: 'mastra',
  targets: [
    {
      specifier: '@mastra/core/agent',
      file: /\/@mastra\/core\/dist\/agent\/index\.(?:js|cjs)$/,
      attach(exports, host) {
        const agent = host.prototypeOf(exports, 'Agent')
        patchTools(agent, host)
        patchAgent(agent, host)
      },
    },
    {
      specifier: '@mastra/core/workflows',
      file: /\/@mastra\/core\/dist\/workflows\/index\.(?:js|cjs)$/,
      attach: patchWorkflows,
    },
  ],
}
